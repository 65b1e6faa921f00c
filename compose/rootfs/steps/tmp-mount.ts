// Turns on tmp.mount: with a read-only physical root, /tmp must be a file system of its own, or every service with PrivateTmp= fails.

import { existsSync, lstatSync, symlinkSync } from 'node:fs';
import { entryInTree, inTree, makeFolderInTree } from '../../../lib/in-tree.ts';

const units = 'usr/lib/systemd/system';

export function enableTmpMount(root: string): void {
  if (!existsSync(inTree(root, `${units}/tmp.mount`))) return;
  const wants = `${units}/local-fs.target.wants`;
  const link = entryInTree(root, `${wants}/tmp.mount`);
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) return;
  makeFolderInTree(root, wants);
  symlinkSync('../tmp.mount', link);
}
