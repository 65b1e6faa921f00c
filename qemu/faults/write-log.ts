// A log of disk writes (QEMU's blklogwrites, the format of Linux' dm-log-writes) -> which of the writes survive a power cut.
// Killing QEMU alone cuts no power: what the guest wrote without a flush still reaches the host's page cache, and so the image.

import type { FileHandle } from 'node:fs/promises';

/** One write to the disk; offsets and sizes in bytes. */
export interface LoggedWrite {
  readonly diskOffset: number;
  readonly size: number;
  /** Where its data lies in the log. */
  readonly logOffset: number;
  /** FUA: it was on the medium when the guest heard that it was done. */
  readonly forced: boolean;
}

export type LogEntry = { readonly type: 'write'; readonly write: LoggedWrite } | { readonly type: 'flush' };

export interface WriteLog {
  readonly entries: readonly LogEntry[];
  /** How many of the entries the log vouches for; written with each flush. */
  readonly vouched: number;
}

const magic = 0x6a_73_66_77_73_68_72n;
const supportedVersion = 1n;
const headerSize = 32;
const flags = { flush: 1n, forced: 2n, discard: 4n } as const;

/**
 * Reads a whole log. Layout (drivers/md/dm-log-writes.c, all little-endian): sector 0 holds magic, version, count of entries (u64 each)
 * and sector size (u32); each entry is a sector with disk sector, count of sectors, flags, length (u64 each), then its data.
 * An empty file is the log of a guest that never flushed.
 * @throws RangeError when it is no such log, or when the end of QEMU tore a hole before a flush that the guest was told of
 */
export async function readWriteLog(file: FileHandle): Promise<WriteLog> {
  const { size } = await file.stat();
  const start = await readAt(file, 0, headerSize);
  const written = start.some((byte) => byte !== 0);
  if (written && start.readBigUInt64LE(0) !== magic) throw new RangeError('not a log of disk writes');
  if (written && start.readBigUInt64LE(8) !== supportedVersion) throw new RangeError('unknown version of the log');
  const vouched = Number(start.readBigUInt64LE(16));
  const sectorSize = written ? start.readUInt32LE(24) : 512;
  const entries: LogEntry[] = [];
  for (let at = sectorSize; at + sectorSize <= size; ) {
    const entry = readEntry(await readAt(file, at, headerSize), at + sectorSize, sectorSize);
    if (entry === undefined) break; // a place that was taken, but nothing was written before the end
    const dataSize = entry.type === 'write' ? entry.write.size : 0;
    if (at + sectorSize + dataSize > size) break;
    entries.push(entry);
    at += sectorSize + dataSize;
  }
  if (entries.length < vouched) {
    throw new RangeError(`the log has ${entries.length} whole entries, but ${vouched} were written before a flush`);
  }
  return { entries, vouched };
}

/**
 * What is on the medium after the power is gone: all writes before the last flush, all forced ones, and of the others
 * those that `survives` picks (disks write in any order they like).
 */
export function survivingWrites(log: WriteLog, survives: (write: LoggedWrite) => boolean): LoggedWrite[] {
  const lastFlush = log.entries.findLastIndex((entry) => entry.type === 'flush');
  return log.entries.flatMap((entry, index) => {
    if (entry.type === 'flush') return [];
    return index < lastFlush || entry.write.forced || survives(entry.write) ? [entry.write] : [];
  });
}

function readEntry(header: Buffer, logOffset: number, sectorSize: number): LogEntry | undefined {
  const sectors = Number(header.readBigUInt64LE(8));
  const bits = header.readBigUInt64LE(16);
  if ((bits & flags.flush) !== 0n && sectors === 0) return { type: 'flush' };
  if (sectors === 0) return undefined;
  if ((bits & flags.discard) !== 0n) throw new RangeError('the log holds a discard, which its disk does not offer');
  const diskOffset = Number(header.readBigUInt64LE(0)) * sectorSize;
  const write = { diskOffset, size: sectors * sectorSize, logOffset, forced: (bits & flags.forced) !== 0n };
  return { type: 'write', write };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, position);
  return buffer;
}
