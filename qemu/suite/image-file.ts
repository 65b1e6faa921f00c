// Whether an image is still the one that machines were booted from.

import { stat } from 'node:fs/promises';

export interface ImageFile {
  /** Size of the file. */
  readonly bytes: number;
  /** Equal as long as the file was not written to: size and time of the last change. */
  readonly identity: string;
}

/** An image that is not there has no bytes; whoever boots it is told. */
export async function imageFile(path: string): Promise<ImageFile> {
  const found = await stat(path).catch(() => undefined);
  return { bytes: found?.size ?? 0, identity: `${found?.size} ${found?.mtimeMs}` };
}
