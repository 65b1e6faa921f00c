// Digests of files and bytes.

import { createHash, hash as hashOnce } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { mebibyte } from '../../lib/size.ts';
import type { DigestType } from './digest-type.ts';
import type { Checksum } from './repomd.ts';

/** Most packages are smaller; a stream costs more than the hash itself. */
const smallBytes = 4 * mebibyte;

/** Lower-case hex of a file's content. Rejects with the system's error. */
export async function hashFile(path: string, type: DigestType, signal?: AbortSignal): Promise<string> {
  const options = signal === undefined ? {} : { signal };
  if ((await stat(path)).size <= smallBytes) return hashOnce(type, await readFile(path, options));
  const hash = createHash(type);
  const chunks = createReadStream(path, { highWaterMark: 1 << 20, ...options });
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
