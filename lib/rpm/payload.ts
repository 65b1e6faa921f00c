// Reads the payload of an RPM: decompresses it and walks its cpio archive, in plain form (`070701`) and in the stripped form of
// large and newer packages (`07070X`, which names files by their place in the header).

import { spawn } from 'node:child_process';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { baseEnvironment } from '../base-environment.ts';
import { missingTool } from '../command-line.ts';
import { UserError } from '../errors.ts';
import { isRegularFile, isSymbolicLink, type RpmFileEntry } from './files.ts';
import { numberArrayTag, type RpmHeader, stringTag } from './read.ts';
import { rpmTag } from './tags.ts';

export interface PayloadEntry {
  readonly file: RpmFileEntry;
  /** Files of one package with the same number and more than one link are the same file. */
  readonly inode: number;
  readonly links: number;
  /** Bytes of `content`. */
  readonly size: number;
  /**
   * Content, or the target of a symbolic link, piece by piece. Of a hard-linked file only the last name carries it. It is gone when the next
   * entry is asked for.
   */
  readonly content: AsyncIterable<Buffer>;
}

const plainHeaderSize = 110;
const strippedHeaderSize = 14;
const gzipMagic = 0x1f8b;
const trailerName = 'TRAILER!!!';
/** Few large chunks cost less than many small ones. */
const chunkBytes = 1024 * 1024;
/** Up to here an archive is unpacked in one piece, which takes half the time. */
const mostBytesAtOnce = 32 * 1024 * 1024;

/**
 * The entries in archive order.
 * @param files all files of the header, as `rpmFiles()` gives them
 * @throws UserError `rpm-unreadable` that names the file when the payload is damaged
 */
export async function* rpmPayload(header: RpmHeader, files: readonly RpmFileEntry[]): AsyncGenerator<PayloadEntry> {
  const { chunks, close } = await decompressed(header, files);
  try {
    yield* cpioEntries(byteReader(chunks, header.path), header, files);
  } finally {
    close(); // also when nobody wants the rest: no file stays open and no program running
  }
}

/** What is unpacked. */
interface Archive {
  readonly chunks: AsyncIterator<Buffer>;
  /** All that the chunks gave is gone. */
  close(): void;
}

async function* cpioEntries(
  { read, pieces }: ByteReader,
  header: RpmHeader,
  files: readonly RpmFileEntry[],
): AsyncGenerator<PayloadEntry> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const stripped = strippedEntries(header, files);
  for (;;) {
    const magic = (await read(6)).toString('latin1');
    if (magic === '07070X') {
      const rest = await read(strippedHeaderSize - 6);
      const index = Number.parseInt(rest.toString('latin1'), 16);
      await read(-strippedHeaderSize & 3);
      const entry = stripped[index];
      if (entry === undefined) throw damaged(header.path, `its payload names file ${index}, which the header lacks`);
      const content = pieces(entry.size);
      yield { ...entry, content };
      for await (const _ of content); // what nobody wanted
      await read(-entry.size & 3);
      continue;
    }
    if (magic !== '070701' && magic !== '070702') throw damaged(header.path, 'its payload is not a cpio archive');
    const fields = (await read(plainHeaderSize - 6)).toString('latin1');
    const field = (number: number): number => Number.parseInt(fields.slice(number * 8, number * 8 + 8), 16);
    const nameSize = field(11);
    const name = (await read(nameSize)).toString('utf8', 0, nameSize - 1);
    await read(-(plainHeaderSize + nameSize) & 3);
    if (name === trailerName) return;
    const file = byPath.get(name.replace(/^\.?\/*/, '/'));
    if (file === undefined) throw damaged(header.path, `its payload holds ${name}, which the header lacks`);
    const size = field(6);
    const content = pieces(size);
    yield { file, inode: field(0), links: field(4), size, content };
    for await (const _ of content);
    await read(-size & 3);
  }
}

/** What the stripped form leaves to the header: the bytes that follow each entry, and which files are one. */
function strippedEntries(
  header: RpmHeader,
  files: readonly RpmFileEntry[],
): { file: RpmFileEntry; inode: number; links: number; size: number }[] {
  const inodes = numberArrayTag(header, rpmTag.fileInodes);
  const sharing = new Map<number, number[]>();
  for (const [index, file] of files.entries()) {
    const inode = inodes[index] ?? index;
    if (isRegularFile(file)) sharing.set(inode, [...(sharing.get(inode) ?? []), index]);
  }
  return files.map((file, index) => {
    const inode = inodes[index] ?? index;
    const names = isRegularFile(file) ? sharing.get(inode)! : [index];
    const carriesData = (isRegularFile(file) || isSymbolicLink(file)) && names.at(-1) === index;
    return { file, inode, links: names.length, size: carriesData ? file.size : 0 };
  });
}

async function decompressed(header: RpmHeader, files: readonly RpmFileEntry[]): Promise<Archive> {
  const compressor = stringTag(header, rpmTag.payloadCompressor) ?? (await guessCompressor(header));
  const most = mostArchiveBytes(files);
  const packed = (): Readable =>
    createReadStream(header.path, { start: header.payloadOffset, highWaterMark: chunkBytes });
  switch (compressor) {
    case 'zstd':
      return most <= mostBytesAtOnce
        ? atOnce(header, zstdDecompressSync, most)
        : through(packed(), createZstdDecompress({ chunkSize: chunkBytes }));
    case 'gzip':
      return most <= mostBytesAtOnce
        ? atOnce(header, gunzipSync, most)
        : through(packed(), createGunzip({ chunkSize: chunkBytes }));
    case 'none':
      return streamed(packed());
    case 'xz':
    case 'lzma':
      return throughProgram(packed(), ['xz', `--format=${compressor}`, '--decompress', '--stdout']);
    case 'bzip2':
      return throughProgram(packed(), ['bzip2', '--decompress', '--stdout']);
    default:
      throw damaged(header.path, `its payload is compressed with ${compressor}, which Slipway does not know`);
  }
}

/** What the cpio archive of the files can take at the most: hard links may share content. */
function mostArchiveBytes(files: readonly RpmFileEntry[]): number {
  const trailerBytes = 1024;
  return files.reduce(
    (sum, { path, size }) => sum + plainHeaderSize + Buffer.byteLength(path) + size + 16,
    trailerBytes,
  );
}

function atOnce(
  { path, payloadOffset }: RpmHeader,
  unpack: (packed: Buffer, options: { chunkSize: number; maxOutputLength: number }) => Buffer,
  most: number,
): Archive {
  const descriptor = openSync(path, 'r');
  try {
    const packed = Buffer.allocUnsafeSlow(fstatSync(descriptor).size - payloadOffset);
    const length = readSync(descriptor, packed, 0, packed.length, payloadOffset);
    const archive = unpack(packed.subarray(0, length), { chunkSize: most, maxOutputLength: most });
    free(packed);
    return { chunks: onlyOne(archive), close: () => free(archive) };
  } catch (error) {
    throw damaged(path, `its payload cannot be unpacked: ${(error as Error).message}`);
  } finally {
    closeSync(descriptor);
  }
}

async function* onlyOne(archive: Buffer): AsyncGenerator<Buffer> {
  yield archive;
}

function streamed(stream: Readable): Archive {
  return { chunks: stream[Symbol.asyncIterator](), close: () => void stream.destroy() };
}

/**
 * At once: package after package, the garbage collector would let hundreds of megabytes come together. What is small may lie in memory that is
 * shared with others.
 */
function free({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}

// Without the tag rpm reads as zlib does: gzip, or plain where the first bytes are not gzip's.
async function guessCompressor(header: RpmHeader): Promise<'gzip' | 'none'> {
  const file = await open(header.path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, header.payloadOffset);
    return buffer.readUInt16BE() === gzipMagic ? 'gzip' : 'none';
  } finally {
    await file.close();
  }
}

function through(file: Readable, decompressor: NodeJS.ReadWriteStream & Readable): Archive {
  // The failure surfaces where the decompressor is read.
  pipeline(file, decompressor).catch(() => {});
  return streamed(decompressor);
}

function throughProgram(file: Readable, argv: readonly [string, ...string[]]): Archive {
  const [program, ...args] = argv;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env: baseEnvironment() });
  child.on('error', () => child.stdout.destroy(missingTool(program)));
  pipeline(file, child.stdin).catch(() => {}); // the output then ends too early, which the reader reports
  return streamed(child.stdout);
}

interface ByteReader {
  /** The next N bytes. */
  read(length: number): Promise<Buffer>;
  /** The next N bytes as they come; can be stopped and taken up again. */
  pieces(length: number): AsyncIterable<Buffer>;
}

function byteReader(chunks: AsyncIterator<Buffer>, path: string): ByteReader {
  let rest: Buffer = Buffer.alloc(0);
  const next = async (most: number): Promise<Buffer> => {
    if (rest.length === 0) rest = await nextChunk(chunks, path);
    const part = rest.subarray(0, most);
    rest = rest.subarray(part.length);
    return part;
  };
  return {
    async read(length) {
      const parts: Buffer[] = [];
      for (let missing = length; missing > 0; missing -= parts.at(-1)!.length) parts.push(await next(missing));
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
    pieces(length) {
      let missing = length;
      return {
        [Symbol.asyncIterator]: () => ({
          async next(): Promise<IteratorResult<Buffer, undefined>> {
            if (missing === 0) return { done: true, value: undefined };
            const value = await next(missing);
            missing -= value.length;
            return { done: false, value };
          },
        }),
      };
    },
  };
}

async function nextChunk(chunks: AsyncIterator<Buffer>, path: string): Promise<Buffer> {
  let result: IteratorResult<Buffer>;
  try {
    result = await chunks.next();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw damaged(path, `its payload cannot be unpacked: ${(cause as Error).message}`);
  }
  if (result.done === true) throw damaged(path, 'its payload ends too early');
  return result.value;
}

function damaged(path: string, reason: string): UserError {
  return new UserError('rpm-unreadable', `${path} is not a readable RPM: ${reason}`, {
    hint: 'fetch the package again',
  });
}
