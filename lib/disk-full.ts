// "No space left on device", whichever program said it, as a sentence that says where and how much.

import { statfs } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { ToolError, UserError } from './errors.ts';
import { inMebibytes } from './size.ts';

/** What the sentence tells besides the folder and its free room. */
export interface RoomAdvice {
  /** How much is needed and by what, e.g. `the images need about 60 MiB`, where it is known. */
  readonly need?: string;
  readonly hint: string;
}

/** Whether an error of ours or of a program, or what led to it, means a full disk or quota. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  const text = error instanceof ToolError ? error.output : wordsOf(error);
  return code === 'ENOSPC' || saysDiskFull(text) || isDiskFull(error.cause);
}

/** The message of an error; Node says UNKNOWN of a full quota. */
export function wordsOf(error: Error): string {
  const { errno, syscall } = error as NodeJS.ErrnoException;
  return errno === -constants.errno.EDQUOT ? `EDQUOT: Disk quota exceeded, ${syscall}` : error.message;
}

/** @throws an error that `isDiskFull` knows, when a program that ended well told of a full disk: what it wrote is not whole */
export function assertCouldWrite(said: string, program: string): void {
  if (saysDiskFull(said)) throw new Error(`${program} could not write all: ${said}`);
}

/** Whether a program's output tells of a full disk; the last words are SQLite's, which keeps the package database. */
function saysDiskFull(text: string): boolean {
  const words =
    /No space left on device|Disk quota exceeded|min-free-space-(percent|size)|\bENOSPC\b|database or disk is full/i;
  return words.test(text);
}

/** The sentence for the fullest one of the folders, `disk-full`. A folder that is not there counts as its parent. */
export async function diskFull(folders: readonly string[], advice: RoomAdvice, cause?: unknown): Promise<UserError> {
  const rooms = await Promise.all(folders.map(async (folder) => ({ folder, free: await freeBytes(folder) })));
  const { folder, free } = rooms.reduce((least, room) => (room.free < least.free ? room : least));
  const need = advice.need === undefined ? '' : `${advice.need}, `;
  return new UserError('disk-full', `the disk of ${folder} is full: ${need}${inMebibytes(free)} are free`, {
    hint: advice.hint,
    cause,
  });
}

/** @throws UserError `disk-full` when less than `bytes` are free for this user in `folder` */
export async function requireRoom(folder: string, bytes: number, advice: RoomAdvice): Promise<void> {
  if ((await freeBytes(folder)) < bytes) throw await diskFull([folder], advice);
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return freeBytes(dirname(folder));
  }
}
