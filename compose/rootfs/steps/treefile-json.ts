// Ships the merged treefile in the tree, so that a host can say what it was made from. Paths of the build machine are left out.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const path = 'usr/share/slipway/treefile.json';

/** @param treefile the portable form, as it also goes into the input id */
export function shipTreefile(root: string, treefile: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${JSON.stringify(treefile, null, 2)}\n`);
}
