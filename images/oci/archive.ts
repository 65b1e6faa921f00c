// An OCI image layout as one file (`oci-archive`): a plain tar of the folder, always in the same order.

import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { tarEnd, tarHeader, tarPadding } from '../../lib/tar.ts';
import type { Blob } from './blobs.ts';

/** Writes the layout's own files and the given blobs into the new file `archive`. */
export async function writeArchive(
  layout: string,
  blobs: readonly Blob[],
  archive: string,
  signal: AbortSignal,
): Promise<void> {
  const chunks = Readable.from(archiveChunks(layout, blobs));
  await pipeline(chunks, createWriteStream(archive, { flags: 'wx', flush: true }), { signal });
}

async function* archiveChunks(layout: string, blobs: readonly Blob[]): AsyncGenerator<Buffer> {
  const folders = ['blobs/', 'blobs/sha256/'];
  for (const path of folders) yield tarHeader({ type: 'directory', path, mode: 0o755 });
  const files = new Set(blobs.map(({ digest }) => `blobs/${digest.replace(':', '/')}`));
  for (const path of [...[...files].sort(), 'index.json', 'oci-layout']) {
    const { size } = await stat(join(layout, path));
    yield tarHeader({ type: 'file', path, mode: 0o644, size });
    yield* createReadStream(join(layout, path));
    yield tarPadding(size);
  }
  yield tarEnd();
}
