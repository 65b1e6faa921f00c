// The exact difference that an edit makes to a folder: paths added, removed and changed.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface TreeDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Runs the edit and compares type, mode and content of everything below `root`. */
export async function differenceOf(root: string, edit: () => unknown): Promise<TreeDifference> {
  const before = snapshot(root);
  await edit();
  const after = snapshot(root);
  return {
    added: [...after.keys()].filter((path) => !before.has(path)).sort(),
    removed: [...before.keys()].filter((path) => !after.has(path)).sort(),
    changed: [...after.keys()].filter((path) => before.has(path) && before.get(path) !== after.get(path)).sort(),
  };
}

function snapshot(root: string): Map<string, string> {
  const entries = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(root, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stats = lstatSync(join(root, path));
      const content = stats.isFile()
        ? readFileSync(join(root, path), 'base64')
        : stats.isSymbolicLink()
          ? readlinkSync(join(root, path))
          : '';
      entries.set(path, `${stats.mode} ${content}`);
      if (stats.isDirectory()) walk(path);
    }
  };
  walk('');
  return entries;
}
