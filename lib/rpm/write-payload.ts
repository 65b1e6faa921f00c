// The payload of an RPM: a cpio archive ("newc") of the files in the order of the header, compressed.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { WrittenFile } from './write-files.ts';

export interface RpmPayload {
  readonly compressed: Buffer;
  /** Size in bytes and SHA-256 (hex) of the archive before compression. */
  readonly archiveSize: number;
  readonly archiveDigest: string;
}

export type RpmCompressor = 'zstd' | 'gzip';

/** Levels as the header's PAYLOADFLAGS names them: fast ones, because the files are made where they are used. */
export const compressionLevel: Record<RpmCompressor, number> = { zstd: 3, gzip: 6 };

const pieceSize = 512 * 1024;

/** Builds the archive piece by piece, so that only its compressed form is ever whole in memory. */
export async function encodePayload(files: readonly WrittenFile[], compressor: RpmCompressor): Promise<RpmPayload> {
  const hash = createHash('sha256');
  let archiveSize = 0;
  async function* archive(): AsyncGenerator<Buffer> {
    for await (const piece of joined(cpioPieces(files))) {
      hash.update(piece);
      archiveSize += piece.length;
      yield piece;
    }
  }
  const compressed: Buffer[] = [];
  for await (const piece of Readable.from(archive()).compose(compressorStream(compressor))) {
    compressed.push(piece as Buffer);
  }
  return { compressed: Buffer.concat(compressed), archiveSize, archiveDigest: hash.digest('hex') };
}

function compressorStream(compressor: RpmCompressor): NodeJS.ReadWriteStream {
  switch (compressor) {
    case 'zstd':
      return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: compressionLevel.zstd } });
    case 'gzip':
      return createGzip({ level: compressionLevel.gzip });
  }
}

// Each piece costs a turn through the compressor's thread, and most files are small; large ones pass without a copy.
async function* joined(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    if (size + piece.length > pieceSize) {
      if (size > 0) yield Buffer.concat(waiting, size);
      waiting = [];
      size = 0;
    }
    if (piece.length > pieceSize) yield piece;
    else {
      waiting.push(piece);
      size += piece.length;
    }
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}

async function* cpioPieces(files: readonly WrittenFile[]): AsyncGenerator<Buffer> {
  // The names of a hard-linked file stand together, at the place of the first (whose number they share): rpm opens a file at the first
  // name and takes the next content that comes for its own.
  for (const file of [...files].sort((a, b) => a.inode - b.inode)) {
    if (file.payloadSize === null) continue;
    yield cpioHeader(`.${file.path}`, file);
    if (file.content instanceof Uint8Array)
      yield Buffer.from(file.content.buffer, file.content.byteOffset, file.payloadSize);
    else if (file.content !== null && file.payloadSize > 0) yield* readExactly(file.content.fromFile, file.payloadSize);
    const padding = -file.payloadSize & 3;
    if (padding > 0) yield Buffer.alloc(padding);
  }
  yield cpioHeader('TRAILER!!!', { inode: 0, mode: 0, links: 1, mtime: 0, payloadSize: 0 });
}

async function* readExactly(path: string, size: number): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    seen += (piece as Buffer).length;
    yield piece as Buffer;
  }
  if (seen !== size) throw new Error(`${path} changed while it was packed: ${size} bytes, then ${seen}`);
}

type CpioFields = Pick<WrittenFile, 'inode' | 'mode' | 'links' | 'mtime' | 'payloadSize'>;

function cpioHeader(name: string, file: CpioFields): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  // Owners are names in the RPM header; the ids here are always 0, as rpmbuild writes them.
  const fields = [
    file.inode,
    file.mode,
    0,
    0,
    file.links,
    file.mtime,
    file.payloadSize ?? 0,
    0,
    0,
    0,
    0,
    nameBytes.length,
    0,
  ];
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const size = text.length + nameBytes.length;
  return Buffer.concat([Buffer.from(text), nameBytes, Buffer.alloc(-size & 3)]);
}
