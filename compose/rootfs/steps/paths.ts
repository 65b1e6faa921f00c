// Treefiles name the configuration folder as it ends up, /usr/etc, or as programs see it, /etc. While the tree is edited it is /etc.

import { entryInTree } from '../../../lib/in-tree.ts';

/** Where the entry at a path of a treefile (without leading slash) lies in the tree that is being edited. */
export function editedPath(root: string, path: string): string {
  return entryInTree(root, path.replace(/^usr\/etc(?=\/|$)/, 'etc'));
}
