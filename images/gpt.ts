// The bytes of a GUID partition table (UEFI 2.10, chapter 5), so that no partitioning program with its own ideas, waits and kernel
// calls is needed. Takes a DiskLayout, gives the sectors at the start and at the end of the disk. Pure.

import { crc32 } from 'node:zlib';
import { type DiskLayout, type Partition, sectorSize } from './layout.ts';

export interface PartitionTable {
  /** Goes to byte 0: protective MBR, header, entries (34 sectors). */
  readonly primary: Buffer;
  /** Goes to the disk's end: entries, header (33 sectors). */
  readonly backup: Buffer;
  readonly backupOffset: number;
}

const entryCount = 128;
const entrySize = 128;
const entrySectors = (entryCount * entrySize) / sectorSize;
const headerSize = 92;

export function partitionTable(layout: DiskLayout): PartitionTable {
  const lastSector = layout.size / sectorSize - 1;
  const entries = Buffer.alloc(entryCount * entrySize);
  for (const partition of layout.partitions) writeEntry(entries, partition);
  const header = (own: number, other: number, entriesAt: number): Buffer =>
    headerSector({ own, other, entriesAt, lastSector, diskGuid: layout.guid, entriesCrc: crc32(entries) });
  const backupStart = lastSector - entrySectors;
  return {
    primary: Buffer.concat([protectiveMbr(lastSector), header(1, lastSector, 2), entries]),
    backup: Buffer.concat([entries, header(lastSector, 1, backupStart)]),
    backupOffset: backupStart * sectorSize,
  };
}

// 5.3.3: the number decides the slot; first and last sector are both inside the partition.
function writeEntry(entries: Buffer, partition: Partition): void {
  const at = (partition.number - 1) * entrySize;
  guidBytes(partition.type).copy(entries, at);
  guidBytes(partition.guid).copy(entries, at + 16);
  entries.writeBigUInt64LE(BigInt(partition.offset / sectorSize), at + 32);
  entries.writeBigUInt64LE(BigInt((partition.offset + partition.size) / sectorSize - 1), at + 40);
  entries.write(partition.name, at + 56, 72, 'utf16le');
}

// 5.3.2
function headerSector(details: {
  own: number;
  other: number;
  entriesAt: number;
  lastSector: number;
  diskGuid: string;
  entriesCrc: number;
}): Buffer {
  const sector = Buffer.alloc(sectorSize);
  sector.write('EFI PART', 0, 'latin1');
  sector.writeUInt32LE(0x0001_0000, 8); // revision 1.0
  sector.writeUInt32LE(headerSize, 12);
  sector.writeBigUInt64LE(BigInt(details.own), 24);
  sector.writeBigUInt64LE(BigInt(details.other), 32);
  sector.writeBigUInt64LE(BigInt(2 + entrySectors), 40); // first usable
  sector.writeBigUInt64LE(BigInt(details.lastSector - entrySectors - 1), 48); // last usable
  guidBytes(details.diskGuid).copy(sector, 56);
  sector.writeBigUInt64LE(BigInt(details.entriesAt), 72);
  sector.writeUInt32LE(entryCount, 80);
  sector.writeUInt32LE(entrySize, 84);
  sector.writeUInt32LE(details.entriesCrc, 88);
  sector.writeUInt32LE(crc32(sector.subarray(0, headerSize)), 16); // over itself with this field zero
  return sector;
}

// 5.2.3: one partition of type 0xEE over the whole disk, so that tools that know no GPT see a full disk.
function protectiveMbr(lastSector: number): Buffer {
  const sector = Buffer.alloc(sectorSize);
  sector.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446);
  sector.writeUInt32LE(1, 454);
  sector.writeUInt32LE(Math.min(lastSector, 0xffff_ffff), 458);
  sector.writeUInt16BE(0x55aa, 510);
  return sector;
}

/** A GUID as on disk: the first three fields little endian, the rest as written (appendix A). */
export function guidBytes(guid: string): Buffer {
  const plain = Buffer.from(guid.replaceAll('-', ''), 'hex');
  return Buffer.concat([
    plain.subarray(0, 4).reverse(),
    plain.subarray(4, 6).reverse(),
    plain.subarray(6, 8).reverse(),
    plain.subarray(8),
  ]);
}
