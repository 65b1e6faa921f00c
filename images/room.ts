// How much room images need, for the sentence about a full disk.

import { type RoomAdvice, requireRoom as requireRoomFor } from '../lib/disk-full.ts';
import { inMebibytes } from './size.ts';

export function imageRoom(neededBytes: number): RoomAdvice {
  return {
    need: `the images need about ${inMebibytes(neededBytes)}`,
    hint: 'make room there, or give another folder with --output or --work-dir',
  };
}

/** @throws UserError `disk-full` when less than `neededBytes` are free for this user in `folder` */
export async function requireRoom(folder: string, neededBytes: number): Promise<void> {
  await requireRoomFor(folder, neededBytes, imageRoom(neededBytes));
}
