// What the kernel opens by itself when a process starts a program, seen through /proc while the process waits at that call: later the program
// may be gone, or have lain where nothing is kept.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { inTree } from '../../../lib/in-tree.ts';
import { interpreterOf } from './interpreter.ts';

/** A process's own program or open file. */
const ownFile = /^\/(?:proc\/(?:self|thread-self)|dev)\/(exe|fd\/\d+)$/;

/**
 * @param program absolute path as the thread sees it, or an open descriptor of it
 * @returns its interpreter or dynamic loader as the thread would name it; null when there is none, or no such program
 * @throws Error when it may not be known
 */
export function interpreterOfStarted(thread: number, program: string | number): string | null {
  const start = startOf(placeOf(thread, program));
  return start === null ? null : interpreterOf(start);
}

function placeOf(thread: number, program: string | number): string {
  if (typeof program === 'number') return `/proc/${thread}/fd/${program}`;
  const own = ownFile.exec(program)?.[1];
  if (own !== undefined) return `/proc/${thread}/${own}`;
  if (program.startsWith('/proc/')) throw new Error(`${program} has another name here`);
  return inTree(`/proc/${thread}/root`, program);
}

/** The first 4 KiB of a regular file; null for anything else. */
function startOf(path: string): Buffer | null {
  const start = Buffer.alloc(4096);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe would be waited for
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  try {
    return fstatSync(file).isFile() ? start.subarray(0, readSync(file, start)) : null;
  } finally {
    closeSync(file);
  }
}
