// Opens paths as traced threads see them: links start at the thread's own root. openat2(2) does that by one call, where following links
// ourselves takes many; whoever is traced waits for each.

import { closeSync, constants, openSync } from 'node:fs';
import { koffi } from '../../../lib/koffi.ts';

/** Of the threads of one program. Descriptors are kept while all of them have the same root. */
export interface ThreadRoots {
  /**
   * Opens a file for reading.
   * @param path absolute
   * @returns its descriptor; null where there is nothing
   * @throws Error when it may not be known
   */
  open(thread: number, path: string): number | null;
  /**
   * Whether the way to something leads through nothing but one folder, or ends in it where something is missing.
   * @param folder absolute
   * @param path relative to it
   */
  staysIn(thread: number, folder: string, path: string): boolean;
  /** From now on some threads may have another root. */
  differ(): void;
  close(): void;
}

const syscall = koffi
  .load('libc.so.6')
  .func('long syscall(long number, int folder, const char *path, uint8_t *how, unsigned long size)');
/** The same on all architectures. */
const openat2 = 437;
/** RESOLVE_IN_ROOT, RESOLVE_BENEATH. */
const [resolveInRoot, resolveBeneath] = [0x10, 0x08];
/** O_PATH, and O_CLOEXEC of x86 and arm64; open(2). */
const [openPath, closeOnExec] = [0o10_000_000, 0o2_000_000];
/** A pipe would be waited for. */
const toRead = howOf(constants.O_RDONLY | constants.O_NONBLOCK, resolveInRoot);
const toFind = howOf(openPath, resolveBeneath);

const nothing = new Set(['ENOENT', 'ENOTDIR'].map((name) => (koffi.os.errno as Record<string, number>)[name]));

export function threadRoots(): ThreadRoots {
  const kept = new Map<string, number>();
  let same = true;
  const forget = (): void => {
    for (const descriptor of kept.values()) closeSync(descriptor);
    kept.clear();
  };
  /** @returns a descriptor, or -errno */
  const openFrom = (thread: number, folder: string, path: string, how: Buffer): number => {
    const start = kept.get(folder) ?? openFolder(`/proc/${thread}/root${folder}`);
    if (start < 0) return start;
    if (same) kept.set(folder, start);
    const opened = Number(syscall(openat2, start, path, how, how.length));
    const result = opened < 0 ? -koffi.errno() : opened;
    if (!same) closeSync(start);
    return result;
  };
  return {
    open(thread, path) {
      const opened = openFrom(thread, '/', path, toRead);
      if (opened >= 0) return opened;
      if (nothing.has(-opened)) return null;
      throw new Error(`${path} cannot be opened: errno ${-opened}`);
    },
    staysIn(thread, folder, path) {
      const opened = openFrom(thread, folder, path, toFind);
      if (opened >= 0) closeSync(opened);
      return opened >= 0 || nothing.has(-opened);
    },
    differ() {
      same = false;
      forget();
    },
    close: forget,
  };
}

/** @returns a descriptor, or -errno where the thread was killed */
function openFolder(path: string): number {
  try {
    return openSync(path, openPath);
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    if (nothing.has(-errno)) return errno;
    throw error;
  }
}

/** `struct open_how`. */
function howOf(flags: number, resolve: number): Buffer {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags | closeOnExec), 0);
  how.writeBigUInt64LE(BigInt(resolve), 16);
  return how;
}
