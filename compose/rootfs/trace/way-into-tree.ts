// Links in folders that are not the tree's, as /tmp, may lead back into it; they are gone when the program has ended, so they are followed while
// it waits at the call.

import { lstatSync, readlinkSync } from 'node:fs';
import { outsideOfTree } from '../sandbox.ts';
import type { ThreadRoots } from './thread-roots.ts';

/** As many links as the kernel follows; path_resolution(7). */
export const mostLinks = 40;

/**
 * @param path absolute, as the thread sees it
 * @returns the path in the tree that a path outside of it leads to, not followed any further; null when it stays outside or starts in the tree
 * @throws Error when it may not be known
 */
export function wayIntoTree(roots: ThreadRoots, thread: number, path: string): string | null {
  const [, folder, below = ''] = outsideOfTree.exec(path.slice(1)) ?? [];
  if (folder === undefined || /^(?:dev|proc|sys)$/.test(folder)) return null;
  if (roots.staysIn(thread, `/${folder}`, below)) return null; // nearly all do
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
