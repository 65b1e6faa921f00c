// Digests of files and bytes.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { DigestType } from './digest-type.ts';
import type { Checksum } from './repomd.ts';

/** Lower-case hex of a file's content. Rejects with the system's error. */
export async function hashFile(path: string, type: DigestType, signal?: AbortSignal): Promise<string> {
  const hash = createHash(type);
  const chunks = createReadStream(path, { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) });
  for await (const chunk of chunks) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** False also when there is no such file. */
export async function hasDigest(path: string, expected: Checksum): Promise<boolean> {
  try {
    return (await hashFile(path, expected.type)) === expected.value;
  } catch {
    return false;
  }
}

export function digestOf(data: Uint8Array, type: DigestType): string {
  return createHash(type).update(data).digest('hex');
}
