// "No space left on device", whichever program said it, as a sentence that says where and how much.

import { statfs } from 'node:fs/promises';
import { ToolError, UserError } from '../lib/errors.ts';
import { inMebibytes } from './size.ts';

/** Whether an error of ours or of a program means a full disk or quota. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof ToolError) {
    return /No space left on device|Disk quota exceeded|min-free-space-(percent|size)|ENOSPC/i.test(error.output);
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || /\bENOSPC\b/.test((error as Error | null)?.message ?? '');
}

/** The sentence for the fuller one of the folders. */
export async function diskFull(folders: readonly string[], neededBytes: number, cause?: unknown): Promise<UserError> {
  const rooms = await Promise.all(folders.map(async (folder) => ({ folder, free: await freeBytes(folder) })));
  const { folder, free } = rooms.reduce((least, room) => (room.free < least.free ? room : least));
  return new UserError(
    'disk-full',
    `the disk of ${folder} is full: the images need about ${inMebibytes(neededBytes)}, ${inMebibytes(free)} are free`,
    { hint: 'make room there, or give another folder with --output or --work-dir', cause },
  );
}

/** @throws UserError `disk-full` when less than `neededBytes` are free for this user in `folder` */
export async function requireRoom(folder: string, neededBytes: number): Promise<void> {
  if ((await freeBytes(folder)) < neededBytes) throw await diskFull([folder], neededBytes);
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
