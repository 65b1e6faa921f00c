// Fixed times in a fresh ext4: mke2fs before 1.47.1 copies the access and change times of the source files and stamps the clock into
// new inodes and superblocks. This sets them all to one epoch and mends the checksums. (kernel documentation, filesystems/ext4)

import { type FileHandle, open } from 'node:fs/promises';
import { crc32c } from './crc32c.ts';

interface Geometry {
  /** Byte where the file system starts in the image. */
  readonly start: number;
  readonly blockSize: number;
  readonly inodeSize: number;
  readonly inodesPerGroup: number;
  readonly blocksPerGroup: number;
  readonly groups: number;
  readonly descriptorSize: number;
  readonly checksumSeed: number;
}

const superblockSize = 1024;
const superblockTimes = [0x2c, 0x30, 0x40, 0x108]; // mounted, written, checked, made
const superblockTimesHigh = [0x274, 0x275, 0x276, 0x277];
const superblockChecksum = 0x3fc;

const inode = { atime: 0x8, ctime: 0xc, mtime: 0x10, links: 0x1a, generation: 0x64, checksumLow: 0x7c } as const;
// These lie in the second half of an inode, of which only the first `extraSize` bytes are in use.
const inodeExtra = { extraSize: 0x80, checksumHigh: 0x82, crtime: 0x90 } as const;
// Nanoseconds and the bits beyond 2038 of ctime, mtime, atime and crtime.
const inodeFinerTimes = [0x84, 0x88, 0x8c, 0x94];

/**
 * Sets access, change and creation times of every used inode, and those modification times that are not 0 (OSTree gives its objects
 * 0 on purpose), to `epoch` (seconds); also the times of all superblocks.
 * Needs 256-byte inodes, 64-bit descriptors and metadata checksums, as `mkfsArgv` asks for.
 */
export async function setFixedTimes(image: string, start: number, epoch: number): Promise<void> {
  const file = await open(image, 'r+');
  try {
    const primary = await readAt(file, start + superblockSize, superblockSize);
    const geometry = readGeometry(primary, start);
    const descriptors = await readAt(file, start + geometry.blockSize, geometry.groups * geometry.descriptorSize);
    for (let group = 0; group < geometry.groups; group++) {
      const descriptor = descriptors.subarray(group * geometry.descriptorSize, (group + 1) * geometry.descriptorSize);
      await fixGroup(file, geometry, group, descriptor, epoch);
      if (!hasSuperblock(group)) continue;
      const at = start + (group === 0 ? superblockSize : group * geometry.blocksPerGroup * geometry.blockSize);
      const superblock = await readAt(file, at, superblockSize);
      fixSuperblock(superblock, epoch);
      await file.write(superblock, 0, superblockSize, at);
    }
  } finally {
    await file.close();
  }
}

function readGeometry(superblock: Buffer, start: number): Geometry {
  const blocks = superblock.readUInt32LE(0x4) + superblock.readUInt32LE(0x150) * 2 ** 32;
  const blocksPerGroup = superblock.readUInt32LE(0x20);
  const expected = superblock.readUInt16LE(0x38) === 0xef53 && superblock.readUInt16LE(0x58) === 256;
  if (!expected || superblock.readUInt16LE(0xfe) !== 64)
    throw new Error('the root file system is not as mkfs was told');
  return {
    start,
    blockSize: 1024 << superblock.readUInt32LE(0x18),
    inodeSize: superblock.readUInt16LE(0x58),
    inodesPerGroup: superblock.readUInt32LE(0x28),
    blocksPerGroup,
    groups: Math.ceil(blocks / blocksPerGroup),
    descriptorSize: superblock.readUInt16LE(0xfe),
    checksumSeed: crc32c(superblock.subarray(0x68, 0x78), 0xffff_ffff),
  };
}

async function fixGroup(
  file: FileHandle,
  geometry: Geometry,
  group: number,
  descriptor: Buffer,
  epoch: number,
): Promise<void> {
  const hasNoInodes = (descriptor.readUInt16LE(0x12) & 0x1) !== 0;
  const unused = descriptor.readUInt16LE(0x1c) + descriptor.readUInt16LE(0x32) * 2 ** 16;
  const used = hasNoInodes ? 0 : geometry.inodesPerGroup - unused;
  if (used === 0) return;
  const tableBlock = descriptor.readUInt32LE(0x8) + descriptor.readUInt32LE(0x28) * 2 ** 32;
  const at = geometry.start + tableBlock * geometry.blockSize;
  const table = await readAt(file, at, used * geometry.inodeSize);
  for (let index = 0; index < used; index++) {
    const bytes = table.subarray(index * geometry.inodeSize, (index + 1) * geometry.inodeSize);
    fixInode(bytes, group * geometry.inodesPerGroup + index + 1, geometry.checksumSeed, epoch);
  }
  await file.write(table, 0, table.length, at);
}

function fixInode(bytes: Buffer, number: number, seed: number, epoch: number): void {
  const isUnused = bytes.readUInt16LE(inode.links) === 0 && bytes.readUInt32LE(inode.ctime) === 0;
  if (isUnused) return;
  const extraEnd = 128 + bytes.readUInt16LE(inodeExtra.extraSize);
  const has = (at: number, length: number): boolean => at + length <= extraEnd;
  bytes.writeUInt32LE(epoch, inode.atime);
  bytes.writeUInt32LE(epoch, inode.ctime);
  if (bytes.readUInt32LE(inode.mtime) !== 0) bytes.writeUInt32LE(epoch, inode.mtime);
  if (has(inodeExtra.crtime, 4)) bytes.writeUInt32LE(epoch, inodeExtra.crtime);
  for (const at of inodeFinerTimes) if (has(at, 4)) bytes.writeUInt32LE(0, at);

  bytes.writeUInt16LE(0, inode.checksumLow);
  if (has(inodeExtra.checksumHigh, 2)) bytes.writeUInt16LE(0, inodeExtra.checksumHigh);
  const numberBytes = Buffer.alloc(4);
  numberBytes.writeUInt32LE(number);
  const generation = bytes.subarray(inode.generation, inode.generation + 4);
  const checksum = crc32c(bytes, crc32c(generation, crc32c(numberBytes, seed)));
  bytes.writeUInt16LE(checksum & 0xffff, inode.checksumLow);
  if (has(inodeExtra.checksumHigh, 2)) bytes.writeUInt16LE(checksum >>> 16, inodeExtra.checksumHigh);
}

function fixSuperblock(superblock: Buffer, epoch: number): void {
  for (const at of superblockTimes) if (superblock.readUInt32LE(at) !== 0) superblock.writeUInt32LE(epoch, at);
  for (const at of superblockTimesHigh) superblock.writeUInt8(0, at);
  superblock.writeUInt32LE(crc32c(superblock.subarray(0, superblockChecksum), 0xffff_ffff), superblockChecksum);
}

// sparse_super: copies lie in groups 0, 1 and the powers of 3, 5 and 7.
function hasSuperblock(group: number): boolean {
  if (group <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power: number = base;
    while (power < group) power *= base;
    return power === group;
  });
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  if (bytesRead !== length) throw new Error('the root file system ends too early');
  return buffer;
}
