// What a scriptlet changed, as data: from two states of the overlay's upper layer, and back into a tree.

import { chmodSync, lchownSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { removeExtendedAttribute, setExtendedAttribute } from '../../../lib/extended-attributes.ts';
import { entryInTree } from '../../../lib/in-tree.ts';
import { listTreeAttributes } from '../../file-attributes.ts';
import { describeEntry, exists, type TreeEntry } from './entry.ts';
import type { LowerTree } from './lower-tree.ts';
import { treeView } from './tree-view.ts';
import type { UpperEntry, UpperLayer } from './upper-layer.ts';

export interface Change {
  /** Relative. */
  readonly path: string;
  /** What is there now; `absent` for something that was removed. */
  readonly entry: TreeEntry;
  /** A directory of which nothing that was in it before is left; its content follows as changes of its own. */
  readonly emptied: boolean;
}

/** Parents come before what is in them. */
export function changesBetween(lower: LowerTree, before: UpperLayer, after: UpperLayer): Change[] {
  const was = treeView(lower, before);
  const is = treeView(lower, after);
  const changes: Change[] = [];
  let emptied = '';
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort(byFolder)) {
    const entry = is.entry(path);
    if (emptied !== '' && path.startsWith(`${emptied}/`)) {
      if (exists(entry)) changes.push({ path, entry, emptied: false });
    } else if (after.get(path)?.opaque === true && before.get(path)?.opaque !== true) {
      emptied = path;
      changes.push({ path, entry, emptied: true });
    } else if (entry.type !== 'detached' && describeEntry(entry) !== describeEntry(was.entry(path))) {
      changes.push({ path, entry, emptied: false });
    }
  }
  return changes;
}

/** The upper layer after the changes were made, without looking at the disk. */
export function changedLayer(before: UpperLayer, changes: readonly Change[]): UpperLayer {
  const layer = new Map<string, UpperEntry>(before);
  for (const { path, entry, emptied } of changes) {
    if (emptied || entry.type !== 'directory') {
      for (const other of layer.keys()) if (other.startsWith(`${path}/`)) layer.delete(other);
    }
    const opaque = emptied || (entry.type === 'directory' && layer.get(path)?.opaque === true);
    layer.set(path, { entry, opaque });
  }
  return layer;
}

/**
 * Makes the changes in a tree.
 * @param root the merged tree
 * @param contentOf content of a regular file by its digest
 */
export function applyChanges(
  root: string,
  changes: readonly Change[],
  contentOf: (digest: string) => Uint8Array,
): void {
  for (const { path, entry, emptied } of changes) {
    const place = entryInTree(root, path);
    const there = lstatSync(place, { throwIfNoEntry: false });
    if (there !== undefined && (emptied || entry.type !== 'directory' || !there.isDirectory())) {
      rmSync(place, { recursive: true });
    }
    switch (entry.type) {
      case 'absent':
        continue;
      case 'directory':
        mkdirSync(place, { recursive: true });
        break;
      case 'link':
        symlinkSync(entry.target, place);
        break;
      case 'file':
        writeFileSync(place, contentOf(entry.digest));
        break;
      case 'detached':
      case 'other':
        throw new Error(`${entry.type} cannot be made at ${path}`);
    }
    lchownSync(place, entry.uid, entry.gid);
    if (entry.type !== 'link') chmodSync(place, entry.mode);
    for (const name of listTreeAttributes(place)) removeExtendedAttribute(place, name);
    for (const [name, value] of entry.attributes) setExtendedAttribute(place, name, Buffer.from(value, 'base64'));
  }
}

// `a/b` comes before `a-b`, so that what is in a folder follows it at once.
function byFolder(a: string, b: string): number {
  const [left, right] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
  return left < right ? -1 : left > right ? 1 : 0;
}
