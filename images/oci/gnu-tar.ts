// Reads where the entries of a GNU tar archive lie, without their content: `ostree export` writes this form.

import { type FileHandle, open } from 'node:fs/promises';

export interface TarIndexEntry {
  readonly type: 'file' | 'directory' | 'symlink';
  /** Without `./` before and `/` behind; the root is ''. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** What a symbolic link points to, else ''. */
  readonly target: string;
  /** Where the content lies in the archive, in bytes. */
  readonly offset: number;
  readonly size: number;
}

const blockSize = 512;
// No hard links: OSTree writes every file out.
const types: Readonly<Record<string, TarIndexEntry['type']>> = { '0': 'file', '2': 'symlink', '5': 'directory' };

/**
 * All entries in the order of the archive.
 * @throws Error when the archive is cut or holds something else than files, folders and symbolic links
 */
export async function readTarIndex(archive: string): Promise<TarIndexEntry[]> {
  const file = await open(archive);
  try {
    return await readEntries(file, archive);
  } finally {
    await file.close();
  }
}

async function readEntries(file: FileHandle, archive: string): Promise<TarIndexEntry[]> {
  const entries: TarIndexEntry[] = [];
  let longPath: string | undefined;
  let longTarget: string | undefined;
  for (let position = 0; ; ) {
    const header = await readExactly(file, archive, position, blockSize);
    if (header[0] === 0) return entries; // the two blocks of zeroes at the end
    const size = number(header, 124, 12);
    const offset = position + blockSize;
    position = offset + Math.ceil(size / blockSize) * blockSize;
    const flag = String.fromCharCode(header[156]!);
    // 'L' and 'K' hold a name that is too long for the header of the next entry.
    if (flag === 'L') longPath = text(await readExactly(file, archive, offset, size), 0, size);
    else if (flag === 'K') longTarget = text(await readExactly(file, archive, offset, size), 0, size);
    else {
      const type = types[flag];
      if (type === undefined) throw new Error(`${archive} holds an entry of type "${flag}" at byte ${offset}`);
      const path = (longPath ?? text(header, 0, 100)).replace(/^\.?\/+/, '').replace(/\/+$/, '');
      const [mode, uid, gid] = [number(header, 100, 8), number(header, 108, 8), number(header, 116, 8)];
      entries.push({ type, path, mode, uid, gid, target: longTarget ?? text(header, 157, 100), offset, size });
      longPath = undefined;
      longTarget = undefined;
    }
  }
}

function text(buffer: Buffer, start: number, length: number): string {
  const end = buffer.indexOf(0, start);
  return buffer.toString('utf8', start, end < 0 || end > start + length ? start + length : end);
}

// Octal digits, or big-endian bytes behind a first byte of 0x80.
function number(header: Buffer, start: number, length: number): number {
  if (header[start] === 0x80) return Number(header.readBigUInt64BE(start + length - 8) & ((1n << 53n) - 1n));
  return Number.parseInt(text(header, start, length).trim() || '0', 8);
}

async function readExactly(file: FileHandle, archive: string, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error(`${archive} ends after ${position + bytesRead} bytes, inside an entry`);
  return buffer;
}
