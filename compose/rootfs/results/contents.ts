// The files that remembered scriptlets wrote, by digest: out of a tree, on disk and back.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../lib/documents.ts';
import { entryInTree } from '../../../lib/in-tree.ts';
import type { Change } from './changes.ts';
import { writeStored } from './store.ts';

/** In bytes: contents are kept and written by way of memory. */
const largestKept = 2 ** 30;

/**
 * Copies what the changes write.
 * @param root the tree after the changes
 * @returns false when a file is too large for that
 */
export function keepContents(folder: string, changes: readonly Change[], root: string): boolean {
  const kept = new Set<string>();
  for (const { path, entry } of changes) {
    if (entry.type !== 'file' || kept.has(entry.digest)) continue;
    kept.add(entry.digest);
    const place = entryInTree(root, path);
    if (statSync(place).size > largestKept) return false;
    writeStored(folder, entry.digest, readFileSync(place));
  }
  return true;
}

/** @returns what the changes write, by digest; null when something is missing or damaged */
export function keptContents(folder: string, changes: readonly Change[]): Map<string, Buffer> | null {
  const contents = new Map<string, Buffer>();
  try {
    for (const { entry } of changes) {
      if (entry.type !== 'file' || contents.has(entry.digest)) continue;
      const content = readFileSync(join(folder, entry.digest));
      if (sha256(content) !== entry.digest) return null;
      contents.set(entry.digest, content);
    }
    return contents;
  } catch {
    return null;
  }
}
