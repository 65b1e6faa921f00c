// A worker of tests: `applyChanges()` with the rights that it has in a compose.

import { applyChanges, type Change } from '../../compose/rootfs/results/changes.ts';

export interface AppliedChanges {
  readonly root: string;
  readonly changes: readonly Change[];
}

export async function main({ root, changes }: AppliedChanges): Promise<null> {
  applyChanges(root, changes, (digest) => Buffer.from(digest));
  return null;
}
