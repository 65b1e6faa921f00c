// Power cut: ends a machine at once, and makes the disks that its next start finds: only what was flushed is on them.

import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { diskPath, type MachineDisk } from '../argv/disks.ts';
import { variablesDriveId } from '../argv/firmware.ts';
import { siblingOverlay } from '../disk-files.ts';
import type { MachineSpec } from '../machine.ts';
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

/** The files that a machine goes on with after a power cut. */
export interface LeftBehind {
  /** qcow2, in the order of the disks; the first is the one that is booted. */
  readonly disks: readonly string[];
  /** UEFI variables (qcow2); null under BIOS. */
  readonly variables: string | null;
  /** State folder of the TPM; null without one. */
  readonly tpmState: string | null;
}

/** @throws UserError `write-log` when nobody can tell what survives a power cut */
export function requireWriteLog(disks: readonly MachineDisk[]): void {
  if (disks[0]!.writeLog !== null) return;
  throw new UserError('write-log', 'a machine without a write log cannot tell what survives a power cut', {
    hint: 'start it with the hardware `writeLog: true`',
  });
}

/**
 * Ends QEMU. Before it, no new reads and writes of the guest are let through to the logged disks (one a second is the least that
 * QEMU can be told), so that their logs end with whole entries; and the UEFI variables, which real flash keeps from the moment
 * they are written, leave QEMU's own memory.
 */
export async function cutPower(qemu: QemuProcess, { disks, firmware }: MachineSpec): Promise<void> {
  const none = { bps: 0, bps_rd: 0, bps_wr: 0, iops_rd: 0, iops_wr: 0 };
  for (const [index, disk] of disks.entries()) {
    if (disk.writeLog === null) continue;
    await qemu.qmp.execute('block_set_io_throttle', { id: diskPath(index, disk.bus), iops: 1, ...none });
  }
  if (firmware !== 'bios') await qemu.qmp.human(`qemu-io ${variablesDriveId} flush`);
  await sleep(settleMs);
  await qemu.kill();
}

/**
 * Makes the disks that the power cut left, in the machine's folder, and says how much was lost. A disk without a log (NVMe, SCSI) is
 * taken as it is: QEMU writes out what the guest flushes, and maybe more.
 * @param disks of the machine, whose QEMU has ended
 * @returns files (qcow2), in their order
 * @throws UserError `write-log` when a log cannot tell what survived
 */
export async function loseUnflushed(
  disks: readonly MachineDisk[],
  folder: string,
  unflushed: Unflushed,
  tools: WorkerTools,
): Promise<string[]> {
  const random = unflushed.type === 'lost' ? null : seededRandom(unflushed.seed);
  const survives = (): boolean => random !== null && random.next() < 0.5;
  const loss = { writes: 0, lost: 0 };
  const files: string[] = [];
  for (const [index, disk] of disks.entries()) {
    if (disk.writeLog === null) {
      files.push(disk.file);
      continue;
    }
    const left = join(folder, `left${index}.qcow2`);
    await siblingOverlay(disk.file, left, tools.signal);
    const { writes, lost } = await replay(disk.writeLog, left, survives, tools.signal);
    loss.writes += writes;
    loss.lost += lost;
    files.push(left);
  }
  tools.events.info(`power cut: ${loss.lost} of ${loss.writes} writes are lost`);
  return files;
}

export interface PowerLoss {
  /** Writes of the guest since power-on, and how many of them are gone. */
  readonly writes: number;
  readonly lost: number;
}

/**
 * Writes what survived into `disk`, a qcow2 image that is otherwise as the machine found it.
 * @param survives asked for each write that was not flushed, in their order
 * @throws UserError `write-log`
 */
export async function replay(
  writeLog: string,
  disk: string,
  survives: () => boolean,
  signal: AbortSignal,
): Promise<PowerLoss> {
  const logFile = await open(writeLog);
  try {
    const log = await readLog(writeLog, () => readWriteLog(logFile));
    const writes = survivingWrites(log, survives);
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
