// The two layers of the overlay as one tree, at one moment: what the next scriptlet will see. Pure, given the layers.

import type { TreeEntry } from './entry.ts';
import { type LowerTree, type Names, parentOf } from './lower-tree.ts';
import type { UpperLayer } from './upper-layer.ts';

export interface TreeView {
  /** @param path relative and without links on the way; empty for the root */
  entry(path: string): TreeEntry;
  /** Sorted. */
  names(path: string): Names;
}

export function treeView(lower: LowerTree, upper: UpperLayer): TreeView {
  let children: Map<string, string[]> | undefined;
  const view: TreeView = {
    entry(path) {
      const changed = upper.get(path);
      if (changed !== undefined) return changed.entry;
      if (path === '') return lower.entry('');
      const parent = parentOf(path);
      if (view.entry(parent).type !== 'directory') return { type: 'detached' };
      return hidesLower(parent) ? { type: 'absent' } : lower.entry(path);
    },
    names(path) {
      if (view.entry(path).type !== 'directory') return new Map();
      children ??= namesByFolder(upper);
      const names = new Map(hidesLower(path) ? [] : lower.names(path));
      for (const name of children.get(path) ?? []) {
        const { type } = view.entry(child(path, name));
        if (type === 'absent') names.delete(name);
        else names.set(name, type);
      }
      return new Map([...names].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
  // A directory that was made anew shows nothing of what the checkout has at its place.
  const hidesLower = (path: string): boolean => {
    if (upper.get(path)?.opaque === true || lower.entry(path).type !== 'directory') return true;
    return path !== '' && hidesLower(parentOf(path));
  };
  return view;
}

function namesByFolder(upper: UpperLayer): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const path of upper.keys()) {
    const parent = parentOf(path);
    const name = path.slice(parent === '' ? 0 : parent.length + 1);
    const known = names.get(parent);
    if (known === undefined) names.set(parent, [name]);
    else known.push(name);
  }
  return names;
}

function child(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
