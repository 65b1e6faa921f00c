// Folds what scripts wrote (the upper layer of an overlay) into the hard-linked checkout below it. Nothing is written into an existing
// file: each changed one replaces the link by rename, so that no object of the cache can be reached.

import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { getExtendedAttribute, removeExtendedAttribute, setExtendedAttribute } from '../../lib/extended-attributes.ts';
import { listTreeAttributes } from '../file-attributes.ts';
import { isWhiteout, opaqueAttribute } from './overlay.ts';

/** The attributes that belong to a file rather than to the machine it was made on, as rpm-ostree has them: capabilities, IMA and PaX. */
const shippedAttributes = new Set(['security.capability', 'security.ima', 'user.pax.flags']);

/** What a fold did; for messages and tests. */
export interface FoldCounts {
  files: number;
  directories: number;
  removed: number;
}

/** Moves the content of the folder `upper` into `target`; both on one file system. The overlay must be unmounted. */
export function foldUpper(upper: string, target: string): FoldCounts {
  const counts: FoldCounts = { files: 0, directories: 0, removed: 0 };
  foldDirectory(upper, target, counts);
  return counts;
}

function foldDirectory(upper: string, target: string, counts: FoldCounts): void {
  for (const name of readdirSync(upper)) {
    const source = join(upper, name);
    const destination = join(target, name);
    const stats = lstatSync(source);
    if (isWhiteout(stats)) {
      rmSync(destination, { recursive: true, force: true });
      counts.removed++;
    } else if (stats.isDirectory()) {
      prepareDirectory(source, destination, counts);
      foldDirectory(source, destination, counts);
      copyMetadata(source, destination, stats);
    } else if (stats.isFile() || stats.isSymbolicLink()) {
      removeAttributes(source, (name) => !shippedAttributes.has(name));
      if (statsOf(destination)?.isDirectory()) rmSync(destination, { recursive: true });
      renameSync(source, destination);
      counts.files++;
    } else {
      // OSTree cannot hold sockets, pipes and devices: they are left behind, but what they replaced is gone all the same.
      rmSync(destination, { recursive: true, force: true });
      counts.removed++;
    }
  }
}

function prepareDirectory(source: string, destination: string, counts: FoldCounts): void {
  const replaced = listTreeAttributes(source).includes(opaqueAttribute);
  const existing = statsOf(destination);
  if (existing !== undefined && (replaced || !existing.isDirectory())) rmSync(destination, { recursive: true });
  if (statsOf(destination) === undefined) {
    mkdirSync(destination);
    counts.directories++;
  }
}

function copyMetadata(source: string, destination: string, stats: Stats): void {
  const wanted = listTreeAttributes(source).filter((name) => shippedAttributes.has(name));
  lchownSync(destination, stats.uid, stats.gid);
  chmodSync(destination, stats.mode & 0o7777);
  removeAttributes(destination, (name) => !wanted.includes(name));
  for (const name of wanted) setExtendedAttribute(destination, name, getExtendedAttribute(source, name));
}

function removeAttributes(path: string, isUnwanted: (name: string) => boolean): void {
  for (const name of listTreeAttributes(path)) {
    if (isUnwanted(name)) removeExtendedAttribute(path, name);
  }
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
