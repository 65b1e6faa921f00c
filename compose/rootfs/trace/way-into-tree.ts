// Links in folders that are not the tree's, as /tmp, may lead back into it; they are gone when the program has ended, so they are followed while
// it waits at the call.

import { closeSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { outsideOfTree } from '../sandbox.ts';

/** O_PATH, open(2). */
const openPath = 0o10_000_000;

/** As many links as the kernel follows; path_resolution(7). */
export const mostLinks = 40;

/**
 * @param path absolute, as the thread sees it
 * @returns the path in the tree that a path outside of it leads to, not followed any further; null when it stays outside or starts in the tree
 * @throws Error when it may not be known
 */
export function wayIntoTree(thread: number, path: string): string | null {
  if (!outsideOfTree.test(path.slice(1)) || /^\/(?:dev|proc|sys)\//.test(path)) return null;
  if (isWithoutLinks(thread, path)) return null;
  let ahead = pathWords(path);
  let behind: string[] = [];
  for (let links = 0; ahead.length > 0; ) {
    const [name = '', ...rest] = ahead;
    if (name === '..') {
      [behind, ahead] = [behind.slice(0, -1), rest];
      continue;
    }
    const here = [...behind, name].join('/');
    const isOutside = outsideOfTree.test(here);
    if (!isOutside && !outsideOfTree.test(`${here}/${rest[0]}`)) return `/${[...behind, ...ahead].join('/')}`;
    const target = isOutside ? linkTarget(`/proc/${thread}/root/${here}`) : null;
    if (target === null) [behind, ahead] = [[...behind, name], rest];
    else if (links++ === mostLinks) return null;
    else [behind, ahead] = [target.startsWith('/') ? [] : behind, [...pathWords(target), ...rest]];
  }
  return null;
}

/** By few calls, because nearly all are: the kernel tells where the folder really is. */
function isWithoutLinks(thread: number, path: string): boolean {
  const folder = dirname(path);
  try {
    const descriptor = openSync(`/proc/${thread}/root${folder}`, openPath);
    try {
      if (readlinkSync(`/proc/self/fd/${descriptor}`) !== folder) return false;
    } finally {
      closeSync(descriptor);
    }
    return lstatSync(`/proc/${thread}/root${path}`, { throwIfNoEntry: false })?.isSymbolicLink() !== true;
  } catch {
    return false;
  }
}

function linkTarget(place: string): string | null {
  try {
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(place) : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ENOENT') return null; // also /proc/self, which is another process for us
    throw error;
  }
}

/** Names in a path; `..` is one of them. */
export function pathWords(path: string): string[] {
  return path.split('/').filter((word) => word !== '' && word !== '.');
}
