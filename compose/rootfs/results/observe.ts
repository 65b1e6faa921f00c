// Traced paths -> what a scriptlet depended on: the state of each path before it ran. Pure, given the view.

import { sha256 } from '../../../lib/documents.ts';
import { outsideOfTree } from '../sandbox.ts';
import { mostLinks, pathWords } from '../trace/way-into-tree.ts';
import { describeEntry } from './entry.ts';
import { parentOf } from './lower-tree.ts';
import type { TreeView } from './tree-view.ts';

/** Relative path, and the words for what was there (`describeEntry`). */
export type Seen = readonly [path: string, state: string];

export interface Observations {
  readonly entries: readonly Seen[];
  /** Directories, with the SHA-256 of their names and types. */
  readonly listings: readonly Seen[];
}

/**
 * Where a path leads to: the links on the way and what is at its end, or the first thing on the way that is no directory.
 * @param path absolute
 * @returns relative paths without links on the way
 */
export function placesOf(path: string, view: TreeView): string[] {
  const places: string[] = [];
  let ahead = pathWords(path);
  let behind: string[] = [];
  for (let links = 0; ahead.length > 0; ) {
    const [name = '', ...rest] = ahead;
    ahead = rest;
    if (name === '..') {
      behind = behind.slice(0, -1);
      continue;
    }
    const here = [...behind, name].join('/');
    if (outsideOfTree.test(here)) {
      behind = [...behind, name]; // `..` may lead back
      continue;
    }
    const entry = view.entry(here);
    if (entry.type === 'link' && links++ < mostLinks) {
      places.push(here);
      if (entry.target.startsWith('/')) behind = [];
      ahead = [...pathWords(entry.target), ...ahead];
    } else if (entry.type === 'directory') behind = [...behind, name];
    else return [...places, here];
  }
  const end = behind.join('/');
  return outsideOfTree.test(end) ? places : [...places, end];
}

/**
 * @param views the tree before and after the run: a path is followed in both, because a link may have come or gone meanwhile
 * @param trace absolute paths
 */
export function observe(
  trace: { readonly paths: Iterable<string>; readonly listed: Iterable<string> },
  views: { readonly before: TreeView; readonly after: TreeView },
): Observations {
  const { before, after } = views;
  const follow = (paths: Iterable<string>): string[] => {
    const places = new Set<string>();
    for (const path of paths) {
      for (const view of [before, after]) for (const place of placesOf(path, view)) places.add(place);
    }
    return [...places].sort();
  };
  return {
    entries: withFolders(follow(trace.paths)).map((path) => [path, describeEntry(before.entry(path))]),
    listings: follow(trace.listed).map((path) => [path, describeNames(path, before)]),
  };
}

/** Folders on the way count for what they let in, and for the group and attributes that a new file has from its folder. */
function withFolders(places: readonly string[]): string[] {
  const all = new Set<string>();
  for (const place of places) for (let path = place; !all.has(path); path = parentOf(path)) all.add(path);
  return [...all].sort();
}

/** The first place that is not as it was, or null when all is. */
export function firstDifference({ entries, listings }: Observations, view: TreeView): string | null {
  for (const [path, state] of entries) if (describeEntry(view.entry(path)) !== state) return path;
  for (const [path, state] of listings) if (describeNames(path, view) !== state) return path;
  return null;
}

function describeNames(path: string, view: TreeView): string {
  return sha256([...view.names(path)].map(([name, type]) => `${type} ${name}`).join('\0'));
}
