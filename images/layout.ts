// Where everything lies on the disk: takes a size and a seed, gives the partition table as data. Pure.
//
// The order on the disk is bios, esp, bootenv, root, so that root can grow to the end of a larger disk; the numbers are part of the
// contract with the boot loader (images/templates/grub.cfg.hbs reads the boot counter from partition 4) and with the host agent.

import { sha256 } from '../lib/documents.ts';
import { UserError } from '../lib/errors.ts';
import { gibibyte, inMebibytes, mebibyte, roundUp } from './size.ts';

export const sectorSize = 512;

export interface Partition {
  readonly number: number;
  readonly name: 'bios' | 'esp' | 'bootenv' | 'root';
  /** Partition type GUID (UEFI 2.10 table 5.7; Discoverable Partitions Specification). */
  readonly type: string;
  readonly guid: string;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  readonly size: number;
}

export interface DiskLayout {
  readonly guid: string;
  /** Bytes. */
  readonly size: number;
  /** In the order of their numbers. */
  readonly partitions: readonly Partition[];
}

const types = {
  bios: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  root: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709', // root of x86-64
  bootenv: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', // Linux data: nothing mounts it by itself
} as const;

// FAT32 needs 65525 clusters; at one sector each that is 32 MiB and a little, so 48 MiB leaves room for a second boot loader.
const espSize = 48 * mebibyte;

/** The disk for `size` bytes; every GUID follows from `seed` (the commit's checksum), so that equal input gives equal bytes. */
export function diskLayout(size: number, seed: string): DiskLayout {
  const partition = (number: number, name: Partition['name'], offset: number, bytes: number): Partition => ({
    number,
    name,
    type: types[name],
    guid: derivedGuid(seed, name),
    offset,
    size: bytes,
  });
  const bios = partition(1, 'bios', mebibyte, mebibyte);
  const esp = partition(2, 'esp', bios.offset + bios.size, espSize);
  const bootenv = partition(4, 'bootenv', esp.offset + esp.size, mebibyte);
  const rootOffset = bootenv.offset + bootenv.size;
  // The last mebibyte holds the second copy of the table.
  const root = partition(3, 'root', rootOffset, roundDown(size, mebibyte) - rootOffset - mebibyte);
  return { guid: derivedGuid(seed, 'disk'), size, partitions: [bios, esp, root, bootenv] };
}

export function partitionNamed(layout: DiskLayout, name: Partition['name']): Partition {
  return layout.partitions.find((partition) => partition.name === name)!;
}

/** A GUID of version 8 (RFC 9562) made of SHA-256 over seed and name, in upper case as partition tools print it. */
export function derivedGuid(seed: string, name: string): string {
  const bytes = Buffer.from(sha256(`${seed} ${name}`), 'hex').subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What goes into the root file system. */
export interface RootContent {
  /** Bytes in whole 4 KiB blocks, each hard-linked file once. */
  readonly bytes: number;
  readonly inodes: number;
}

export interface SizeChoice {
  readonly diskSize: number;
  readonly inodes: number;
}

const outsideRoot = 3 * mebibyte + espSize + mebibyte; // before root, and the table's second copy
const bytesPerInode = 16_384;
const inodeSize = 256;

/**
 * The disk's size and the number of inodes. Without a wish: three times the content (the running deployment, the next one and the
 * one kept for rollback when they share nothing) and 1 GiB for containers and logs, in whole GiB, at least 4 GiB.
 * @throws UserError `image-too-small` that says how much is needed.
 */
export function chooseSize(content: RootContent, wanted: number | null): SizeChoice {
  const diskSize =
    wanted === null
      ? Math.max(4 * gibibyte, roundUp(3 * content.bytes + gibibyte + outsideRoot, gibibyte))
      : roundDown(wanted, mebibyte);
  const least = leastDiskSize(content);
  if (diskSize < least) {
    throw new UserError(
      'image-too-small',
      `a disk of ${inMebibytes(diskSize)} is too small: the host alone needs ${inMebibytes(least)}`,
      { hint: 'give a larger --size, and leave room for a second deployment, or leave --size out' },
    );
  }
  return { diskSize, inodes: inodeCount(content, diskSize) };
}

/** Content, inode tables, journal and 6% for ext4's bitmaps, descriptors, extents and the blocks kept for root. */
export function leastDiskSize(content: RootContent): number {
  const journal = 64 * mebibyte;
  const data = content.bytes + journal + 2 * content.inodes * inodeSize + 16 * mebibyte;
  return roundUp(outsideRoot + data * 1.06, mebibyte);
}

// One inode for 16 KiB as mke2fs does, but never fewer than two deployments need.
function inodeCount(content: RootContent, diskSize: number): number {
  return Math.max(Math.floor((diskSize - outsideRoot) / bytesPerInode), 2 * content.inodes);
}

function roundDown(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
