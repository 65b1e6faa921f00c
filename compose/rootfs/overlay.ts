// An overlay file system over the hard-linked checkout: everything that changes the tree works in it, so that no write can reach a file
// shared with the cache (overlayfs.rst; `userxattr` is the form that user namespaces may mount).

import type { Stats } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
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

/** @param layer tells several overlays over one checkout apart; they are used one after the other */
export function overlayFolders(folder: string, layer = 'install'): OverlayFolders {
  return {
    lower: join(folder, 'tree'),
    upper: join(folder, `${layer}-upper`),
    work: join(folder, `${layer}-work`),
    merged: join(folder, `${layer}-merged`),
  };
}

/** Mounts the overlay, runs `work` with the path of the merged tree, and unmounts it in any case. */
export async function withOverlay<T>(
  folder: string,
  context: EngineContext,
  work: (merged: string) => Promise<T>,
  layer?: string,
): Promise<T> {
  const folders = overlayFolders(folder, layer);
  await Promise.all([folders.upper, folders.work, folders.merged].map((each) => mkdir(each, { recursive: true })));
  await run(mountArgv(folders), { ...context.runOptions, cwd: folder });
  try {
    return await work(folders.merged);
  } finally {
    await run(['umount', folders.merged], { events: context.events });
  }
}

// Relative names, because a colon or comma in an absolute path would end the option. `volatile`: the unmount would wait until the disk has
// everything of the whole file system, also what other programs wrote.
function mountArgv({ lower, upper, work, merged }: OverlayFolders): string[] {
  const options = [`lowerdir=${basename(lower)}`, `upperdir=${basename(upper)}`, `workdir=${basename(work)}`];
  return ['mount', '-t', 'overlay', 'overlay', '-o', [...options, 'userxattr', 'volatile'].join(), basename(merged)];
}

/** Prefix of the attributes that the overlay keeps in its upper layer (`userxattr`). */
export const overlayPrefix = 'user.overlay.';

/** Of a directory that hides what the lower layer has at its place. */
export const opaqueAttribute = `${overlayPrefix}opaque`;

/** A character device 0:0 stands for a removed file (overlayfs.rst, "whiteouts"). */
export function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}
