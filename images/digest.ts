// SHA-256 of large sparse files: holes are hashed as zeroes without being read, which would fill the page cache with nothing.

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import { mebibyte } from './size.ts';

/** A part of a file, in bytes. */
export interface Extent {
  readonly start: number;
  readonly length: number;
  readonly isHole: boolean;
}

const chunkSize = 4 * mebibyte;

/** SHA-256 (hex) of a whole file; `extents` must cover it without gaps. */
export async function digestFile(path: string, extents: readonly Extent[], signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const zeroes = Buffer.alloc(chunkSize);
  const buffer = Buffer.alloc(chunkSize);
  const file = await open(path, 'r');
  try {
    for (const extent of extents) {
      for (let done = 0; done < extent.length; ) {
        signal.throwIfAborted();
        const wanted = Math.min(chunkSize, extent.length - done);
        const source = extent.isHole ? zeroes : buffer;
        const length = extent.isHole ? wanted : (await file.read(buffer, 0, wanted, extent.start + done)).bytesRead;
        if (length === 0) throw new Error(`${path} became shorter while it was read`);
        hash.update(source.subarray(0, length));
        done += length;
        if (extent.isHole) await new Promise(setImmediate); // let others run between chunks
      }
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** The data and the holes of a raw disk image, as qemu-img sees them through lseek(2). */
export async function extentsOf(rawImage: string, { events, signal }: WorkerTools): Promise<Extent[]> {
  const argv = ['qemu-img', 'map', '--output=json', '-f', 'raw', rawImage];
  const { stdout } = await run(argv, { events, signal });
  const parts = JSON.parse(stdout) as { start: number; length: number; data: boolean }[];
  return parts.map(({ start, length, data }) => ({ start, length, isHole: !data }));
}
