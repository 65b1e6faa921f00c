// The checkout below the overlay as scriptlets see it. Nothing changes it while they run, so that each path is looked at once.

import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRegularFile } from '../../../lib/rpm/files.ts';
import type { EnginePackage } from '../../packages/package.ts';
import { treePath } from '../../packages/paths.ts';
import type { TreeEntry } from './entry.ts';
import { readEntry } from './read-entry.ts';

export interface LowerTree {
  /** @param path relative, without links on the way; empty for the root */
  entry(path: string): TreeEntry;
  names(path: string): Names;
}

/** Names in a directory and what they are of, which readdir(3) tells without another call; empty for anything else. */
export type Names = ReadonlyMap<string, TreeEntry['type']>;

/** @param digests of files whose content need not be read, by relative path */
export function lowerTree(folder: string, digests: ReadonlyMap<string, string>): LowerTree {
  const entries = new Map<string, TreeEntry>();
  const names = new Map<string, Names>();
  const tree: LowerTree = {
    entry: (path) => remembered(entries, path, () => look(path)),
    names: (path) =>
      remembered(names, path, () => (tree.entry(path).type === 'directory' ? namesIn(join(folder, path)) : new Map())),
  };
  const look = (path: string): TreeEntry => {
    if (path !== '' && tree.entry(parentOf(path)).type !== 'directory') return { type: 'detached' };
    const known = digests.get(path);
    return known === undefined ? readEntry(join(folder, path)) : readEntry(join(folder, path), () => known);
  };
  return tree;
}

function namesIn(folder: string): Names {
  return new Map(readdirSync(folder, { withFileTypes: true }).map((entry) => [entry.name, typeOf(entry)]));
}

function typeOf(entry: Dirent): TreeEntry['type'] {
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'link';
  return entry.isFile() ? 'file' : 'other';
}

/** SHA-256 of packaged files, where their headers give it. */
export function packagedDigests(packages: readonly EnginePackage[]): Map<string, string> {
  return new Map(
    packages
      .flatMap((each) => each.files)
      .filter((file) => isRegularFile(file) && sha256Form.test(file.digest))
      .map((file) => [treePath(file.path).slice(1), file.digest]),
  );
}

/** Older packages have MD5. */
const sha256Form = /^[0-9a-f]{64}$/;

/** The folder that a relative path lies in; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
