// Blobs of an OCI image layout: files under blobs/sha256 whose names are their digests. A blob that is there already is not written again.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { sha256 } from '../../lib/documents.ts';
import { temporaryNameBeside, writeFileAtomically } from '../../lib/files.ts';

/** A blob as manifests name it (OCI image specification, descriptor.md), without its media type. */
export interface Blob {
  /** `sha256:HEX`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export interface LayerBlob extends Blob {
  /** Digest of the layer before compression, `sha256:HEX`. */
  readonly diffId: string;
}

/**
 * gzip, because every container tool of the last ten years reads it. Its bytes depend on the zlib in Node, so a layer is only used
 * again when that is the same.
 */
export const compressor = `gzip level 6, zlib ${process.versions.zlib}`;

export function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

export async function hasBlob(layout: string, { digest, size }: Blob): Promise<boolean> {
  return await stat(blobPath(layout, digest)).then(
    (found) => found.size === size,
    () => false,
  );
}

export async function writeBlob(layout: string, data: string): Promise<Blob> {
  const blob = { digest: `sha256:${sha256(data)}`, size: Buffer.byteLength(data) };
  if (!(await hasBlob(layout, blob))) await writeFileAtomically(blobPath(layout, blob.digest), data);
  return blob;
}

/** Digest of a layer before compression. */
export async function layerDiffId(chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Compresses a layer into the layout. */
export async function writeLayer(layout: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<Blob> {
  const folder = join(layout, 'blobs', 'sha256');
  await mkdir(folder, { recursive: true });
  const temporary = temporaryNameBeside(join(folder, 'layer'));
  try {
    const { counter, result } = digestCounter();
    const file = createWriteStream(temporary, { flags: 'wx', flush: true });
    await pipeline(Readable.from(chunks), createGzip({ level: 6 }), counter, file, { signal });
    const blob = result();
    await rename(temporary, blobPath(layout, blob.digest));
    return blob;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Digest and size of a file. */
export async function digestOfFile(path: string, signal: AbortSignal): Promise<Blob> {
  const { counter, result } = digestCounter();
  await pipeline(createReadStream(path), counter.resume(), { signal });
  return result();
}

/** Removes what no manifest of the layout names. */
export async function removeOtherBlobs(layout: string, kept: readonly Blob[]): Promise<void> {
  const names = new Set(kept.map(({ digest }) => digest.slice('sha256:'.length)));
  const folder = join(layout, 'blobs', 'sha256');
  for (const name of await readdir(folder)) if (!names.has(name)) await rm(join(folder, name));
}

function digestCounter(): { counter: Transform; result: () => Blob } {
  const hash = createHash('sha256');
  let size = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { counter, result: () => ({ digest: `sha256:${hash.digest('hex')}`, size }) };
}
