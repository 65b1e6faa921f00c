// Power cut: ends a machine at once, and makes the disk that its next start finds: only what was flushed is on it.

import { type FileHandle, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { type MachineDisk, virtioDiskPath } from '../argv/disks.ts';
import { imageFormat, overlayArgv } from '../disk-files.ts';
import type { QemuProcess } from '../process.ts';
import { type ImageWriter, openImage } from './nbd.ts';
import { seededRandom } from './random.ts';
import { type LoggedWrite, readWriteLog, survivingWrites, type WriteLog } from './write-log.ts';

/** What becomes of writes that the guest did not flush. */
export type Unflushed =
  | { readonly type: 'lost' }
  /** Each survives or not by chance, as on a disk that wrote some of them in an order of its own. */
  | { readonly type: 'chance'; readonly seed: string };

/** Long enough for a write that QEMU has begun to reach the log. */
const settleMs = 50;
const largestPiece = 1024 * 1024;

/**
 * Ends QEMU. Before it, no new reads and writes of the guest are let through to the disk (one a second is the least that QEMU can
 * be told), so that the log of writes ends with whole entries.
 */
export async function cutPower(qemu: QemuProcess): Promise<void> {
  const none = { bps: 0, bps_rd: 0, bps_wr: 0, iops_rd: 0, iops_wr: 0 };
  await qemu.qmp.execute('block_set_io_throttle', { id: virtioDiskPath(0), iops: 1, ...none });
  await sleep(settleMs);
  await qemu.kill();
}

/**
 * Makes the image that the power cut left, in the machine's folder, and says how much was lost.
 * @param image the image that the machine was started from, unchanged since
 * @param disk the disk that was booted
 * @returns the image (qcow2, an overlay over the other)
 * @throws UserError `write-log` when there is no log or it cannot tell what survived
 */
export async function loseUnflushed(
  image: string,
  disk: MachineDisk,
  folder: string,
  unflushed: Unflushed,
  tools: WorkerTools,
): Promise<string> {
  if (disk.writeLog === null) {
    throw new UserError('write-log', 'a machine without a write log cannot tell what survives a power cut', {
      hint: 'start it with the hardware `writeLog: true`',
    });
  }
  const left = join(folder, 'left.qcow2');
  const file = resolve(image);
  await run(overlayArgv(file, await imageFormat(file, tools.signal), left), { signal: tools.signal });
  const { writes, lost } = await replay(disk.writeLog, left, unflushed, tools.signal);
  tools.events.info(`power cut: ${lost} of ${writes} writes are lost`);
  return left;
}

export interface PowerLoss {
  /** Writes of the guest since power-on, and how many of them are gone. */
  readonly writes: number;
  readonly lost: number;
}

/** Writes what survived into `disk`, a qcow2 image that is otherwise as the machine found it. @throws UserError `write-log` */
export async function replay(
  writeLog: string,
  disk: string,
  unflushed: Unflushed,
  signal: AbortSignal,
): Promise<PowerLoss> {
  const logFile = await open(writeLog);
  try {
    const log = await readLog(writeLog, () => readWriteLog(logFile));
    const random = unflushed.type === 'lost' ? null : seededRandom(unflushed.seed);
    const writes = survivingWrites(log, () => random !== null && random.next() < 0.5);
    const writer = await openImage(disk, `${disk}.sock`, signal);
    try {
      for (const write of writes) await copyWrite(logFile, write, writer);
    } finally {
      await writer.close();
    }
    const total = log.entries.filter((entry) => entry.type === 'write').length;
    return { writes: total, lost: total - writes.length };
  } finally {
    await logFile.close();
  }
}

async function copyWrite(log: FileHandle, write: LoggedWrite, writer: ImageWriter): Promise<void> {
  for (let at = 0; at < write.size; at += largestPiece) {
    const piece = Buffer.alloc(Math.min(largestPiece, write.size - at));
    await log.read(piece, 0, piece.length, write.logOffset + at);
    await writer.write(write.diskOffset + at, piece);
  }
}

async function readLog(path: string, read: () => Promise<WriteLog>): Promise<WriteLog> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError('write-log', `${path} cannot tell what survived: ${error.message}`, {
      hint: 'cut the power at another moment',
      cause: error,
    });
  }
}
