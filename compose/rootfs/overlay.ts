// An overlay file system over the hard-linked checkout: everything that changes the tree works in it, so that no write can reach a file
// shared with the cache (overlayfs.rst; `userxattr` is the form that user namespaces may mount).

import { closeSync, constants, openSync, type Stats } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mountFileSystem, unmount } from '../../lib/mount.ts';

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
export async function withOverlay<T>(folder: string, work: (merged: string) => Promise<T>, layer?: string): Promise<T> {
  const folders = overlayFolders(folder, layer);
  await Promise.all([folders.upper, folders.work, folders.merged].map((each) => mkdir(each, { recursive: true })));
  mountOverlay(folder, folders);
  try {
    return await work(folders.merged);
  } finally {
    unmount(folders.merged);
  }
}

// By an open folder, because a colon or comma in its path would end the option. `volatile`: the unmount would wait until the disk has everything
// of the whole file system, also what other programs wrote.
function mountOverlay(folder: string, { lower, upper, work, merged }: OverlayFolders): void {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const by = (path: string): string => `/proc/self/fd/${descriptor}/${basename(path)}`;
    const options = [`lowerdir=${by(lower)}`, `upperdir=${by(upper)}`, `workdir=${by(work)}`];
    mountFileSystem('overlay', merged, [...options, 'userxattr', 'volatile']);
  } finally {
    closeSync(descriptor);
  }
}

/** Prefix of the attributes that the overlay keeps in its upper layer (`userxattr`). */
export const overlayPrefix = 'user.overlay.';

/** Of a directory that hides what the lower layer has at its place. */
export const opaqueAttribute = `${overlayPrefix}opaque`;

/** A character device 0:0 stands for a removed file (overlayfs.rst, "whiteouts"). */
export function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}
