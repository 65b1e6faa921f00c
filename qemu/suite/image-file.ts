// Whether an image is still the one that machines were booted from.

import { stat } from 'node:fs/promises';
import { assertImageThere } from '../disk-files.ts';

export interface ImageFile {
  /** Size of the file. */
  readonly bytes: number;
  /** Equal as long as the file was not written to: size and time of the last change. */
  readonly identity: string;
}

/** @throws UserError `image-missing` */
export async function imageFile(path: string): Promise<ImageFile> {
  await assertImageThere(path);
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, identity: `${size} ${mtimeMs}` };
}
