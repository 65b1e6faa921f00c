// What is to be learnt about a thread that waits, besides its call: through /proc, while it waits.

import { readlinkSync } from 'node:fs';
import { interpreterOfStarted } from './started-program.ts';
import { threadRoots } from './thread-roots.ts';
import { wayIntoTree } from './way-into-tree.ts';

export interface ThreadView {
  /** Where its open descriptor, its working folder or its root lead; null for what is no folder. */
  folderOf(thread: number, which: number | 'cwd' | 'root'): string | null;
  /** The interpreter or loader of a program that it is about to start; a number is an open descriptor. */
  interpreterOf(thread: number, program: string | number): string | null;
  /** The path in the tree that one outside of it leads to, if any. */
  wayIntoTree(thread: number, path: string): string | null;
  /** From now on some threads may have another root. */
  rootsDiffer(): void;
  close(): void;
}

/** The real one; its methods throw when something may not be known. */
export function threadView(): ThreadView {
  const roots = threadRoots();
  return {
    folderOf: folderOfThread,
    interpreterOf: (thread, program) => interpreterOfStarted(roots, thread, program),
    wayIntoTree: (thread, path) => wayIntoTree(roots, thread, path),
    rootsDiffer: () => roots.differ(),
    close: () => roots.close(),
  };
}

function folderOfThread(thread: number, which: number | 'cwd' | 'root'): string | null {
  try {
    const path = readlinkSync(`/proc/${thread}/${typeof which === 'number' ? `fd/${which}` : which}`);
    return path.startsWith('/') ? path : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // a bad descriptor, or the process was killed
    throw error;
  }
}
