// Reads the cache of parsed metadata. A damaged `.solv` file ends the process with a signal, so each has a seal beside it: its SHA-256, and
// what the system told about the file when its content was flushed and right. A write changes ctime, which no program can set back: while
// the system tells the same, the content need not be hashed again.

import { readFileSync, rmSync, statSync } from '../../../lib/plain-fs.ts';
import type { FileHandle, Libsolv } from './library.ts';

export interface Seal {
  /** SHA-256 in hex. */
  readonly digest: string;
  /** `inode:size:mtime-ns:ctime-ns` */
  readonly identity: string;
}

/** False when there is no usable file; a bad one is removed. `read` returns libsolv's status, 0 for success. */
export async function readSolvFile(solv: Libsolv, path: string, read: (file: FileHandle) => number): Promise<boolean> {
  let seal: Seal;
  let identity: string;
  try {
    seal = JSON.parse(readFileSync(sealPath(path), 'utf8')) as Seal;
    identity = identityOf(path);
  } catch {
    return false;
  }
  const whole = identity === seal.identity || (await import('./solv-file-write.ts')).sealAgain(path, seal.digest);
  if (whole && withFile(solv, path, 'r', read) === 0) return true;
  try {
    rmSync(path, { force: true });
  } catch {
    // A cache that cannot be written stays as it is, and is not used.
  }
  return false;
}

export function identityOf(path: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(':');
}

export function sealPath(path: string): string {
  return `${path}.seal`;
}

/** fsetlocking(3): the caller sees to it that only one thread uses the file. */
const lockingByCaller = 2;
/** _IOFBF, setvbuf(3). */
const buffered = 0;
/** The C library's own buffer is a page: files of several megabytes take thousands of reads with it. */
const bufferBytes = 256 * 1024;

/** Opens a file for libsolv, which reads it byte by byte: without a lock for each in half of the time. */
export function withFile(solv: Libsolv, path: string, mode: 'r' | 'w', work: (file: FileHandle) => number): number {
  const file = solv.fopen(path, mode);
  if (file === null) return -1;
  solv.__fsetlocking(file, lockingByCaller);
  solv.setvbuf(file, null, buffered, bufferBytes);
  const status = work(file);
  return solv.fclose(file) !== 0 && mode === 'w' ? -1 : status;
}
