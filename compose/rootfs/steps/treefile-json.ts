// Ships the merged treefile in the tree, so that a host can say what it was made from. Paths of the build machine are left out.

import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { inTree, makeFolderInTree } from '../../../lib/in-tree.ts';

const path = 'usr/share/slipway/treefile.json';

/** @param treefile the portable form, as it also goes into the input id */
export function shipTreefile(root: string, treefile: unknown): void {
  makeFolderInTree(root, dirname(path));
  writeFileSync(inTree(root, path), `${JSON.stringify(treefile, null, 2)}\n`);
}
