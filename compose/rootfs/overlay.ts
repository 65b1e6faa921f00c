// An overlay file system over the hard-linked checkout: everything that changes the tree works in it, so that no write can reach a file
// shared with the cache (overlayfs.rst; `userxattr` is the form that user namespaces may mount).

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';

/** Folders inside a work folder, all on one file system. */
export interface OverlayFolders {
  /** The checkout. */
  readonly lower: string;
  /** What is written comes here. */
  readonly upper: string;
  /** The overlay's own. */
  readonly work: string;
  /** Where the two are seen as one. */
  readonly merged: string;
}

export function overlayFolders(folder: string): OverlayFolders {
  return {
    lower: join(folder, 'tree'),
    upper: join(folder, 'upper'),
    work: join(folder, 'overlay'),
    merged: join(folder, 'merged'),
  };
}

/** Mounts the overlay, runs `work` with the path of the merged tree, and unmounts it in any case. */
export async function withOverlay<T>(
  folder: string,
  context: EngineContext,
  work: (merged: string) => Promise<T>,
): Promise<T> {
  const folders = overlayFolders(folder);
  await Promise.all([folders.upper, folders.work, folders.merged].map((each) => mkdir(each, { recursive: true })));
  // Relative names, because a colon or comma in an absolute path would end the option.
  await run(mountArgv(), { ...context.runOptions, cwd: folder });
  try {
    return await work(folders.merged);
  } finally {
    await run(['umount', folders.merged], { events: context.events });
  }
}

function mountArgv(): string[] {
  return [
    'mount',
    '-t',
    'overlay',
    'overlay',
    '-o',
    'lowerdir=tree,upperdir=upper,workdir=overlay,userxattr',
    'merged',
  ];
}
