// Sets the target that systemd boots into.

import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { UserError } from '../../../lib/errors.ts';
import { entryInTree, inTree, makeFolderInTree } from '../../../lib/in-tree.ts';

/** @throws UserError `unit-not-found` when the tree has no such target */
export function setDefaultTarget(root: string, target: string): void {
  if (!existsSync(inTree(root, `usr/lib/systemd/system/${target}`))) {
    throw new UserError('unit-not-found', `default-target names ${target}, which no package brings`);
  }
  makeFolderInTree(root, 'etc/systemd/system');
  const link = entryInTree(root, 'etc/systemd/system/default.target');
  rmSync(link, { force: true });
  symlinkSync(`/usr/lib/systemd/system/${target}`, link);
}
