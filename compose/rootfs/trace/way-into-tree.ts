// Links in folders that are not the tree's, as /tmp, may lead back into it; they are gone when the program has ended, so they are followed while
// it waits at the call.

import { lstatSync, readlinkSync } from 'node:fs';
import { outsideOfTree } from '../sandbox.ts';

/** As many links as the kernel follows; path_resolution(7). */
const mostLinks = 40;

/**
 * @param path absolute, as the thread sees it
 * @returns the path in the tree that a path outside of it leads to, not followed any further; null when it stays outside or starts in the tree
 * @throws Error when it may not be known
 */
export function wayIntoTree(thread: number, path: string): string | null {
  if (!outsideOfTree.test(path.slice(1)) || /^\/(?:dev|proc|sys)\//.test(path)) return null;
  let ahead = words(path);
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
    else [behind, ahead] = [target.startsWith('/') ? [] : behind, [...words(target), ...rest]];
  }
  return null;
}

function linkTarget(place: string): string | null {
  try {
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(place) : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

function words(path: string): string[] {
  return path.split('/').filter((word) => word !== '' && word !== '.');
}
