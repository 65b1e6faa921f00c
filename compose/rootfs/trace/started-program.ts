// What the kernel opens by itself when a process starts a program, seen through /proc while the process waits at that call: later the program
// may be gone, or have lain where nothing is kept.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { interpreterOf } from './interpreter.ts';
import type { ThreadRoots } from './thread-roots.ts';

/** As much as the kernel reads to know the interpreter, and where program headers are. */
const start = Buffer.alloc(4096);

/** A process's own program or open file. */
const ownFile = /^\/(?:proc\/(?:self|thread-self)|dev)\/(exe|fd\/\d+)$/;

/**
 * @param program absolute path as the thread sees it, or an open descriptor of it
 * @returns its interpreter or dynamic loader as the thread would name it; null when there is none, or no such program
 * @throws Error when it may not be known
 */
export function interpreterOfStarted(roots: ThreadRoots, thread: number, program: string | number): string | null {
  const file = openProgram(roots, thread, program);
  if (file === null) return null;
  try {
    return fstatSync(file).isFile() ? interpreterOf(start.subarray(0, readSync(file, start))) : null;
  } finally {
    closeSync(file);
  }
}

function openProgram(roots: ThreadRoots, thread: number, program: string | number): number | null {
  if (typeof program === 'number') return openOwn(`/proc/${thread}/fd/${program}`);
  const own = ownFile.exec(program)?.[1];
  if (own !== undefined) return openOwn(`/proc/${thread}/${own}`);
  if (program.startsWith('/proc/')) throw new Error(`${program} has another name here`);
  return roots.open(thread, program);
}

function openOwn(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe would be waited for
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
