// Gives files and directories the owner, mode and capabilities that package headers name. The cache holds everything as root's, because
// only the assembled tree says which number a name has. Works in the overlay; the order owner, mode, capabilities is the kernel's:
// each clears the next.

import { chmodSync, lchownSync, lstatSync } from 'node:fs';
import { setExtendedAttribute } from '../../lib/extended-attributes.ts';
import { entriesInTree } from '../../lib/in-tree.ts';
import { isDirectory, type RpmFileEntry } from '../../lib/rpm/files.ts';
import type { EnginePackage } from '../packages/package.ts';
import { treePath } from '../packages/paths.ts';
import { accountIds, readAccounts } from './accounts.ts';
import { capabilityBytes } from './capabilities.ts';

/** Names that the packages use as owners and the tree does not know. */
export interface UnknownOwners {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/**
 * Applies the metadata of every file that is not plainly root's.
 * Unknown names become root, as rpm does it, and are returned: scriptlets or sysusers may make them, then it is applied once more.
 */
export function applyOwnership(packages: readonly EnginePackage[], root: string): UnknownOwners {
  const users = accountIds(readAccounts(root, 'passwd'));
  const groups = accountIds(readAccounts(root, 'group'));
  const entryOf = entriesInTree(root);
  const unknown = { users: new Set<string>(), groups: new Set<string>() };
  for (const { files } of packages) {
    for (const file of files) {
      if (!isSpecial(file)) continue;
      const path = entryOf(treePath(file.path));
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      const user = users.get(file.user);
      const group = groups.get(file.group);
      if (user === undefined) unknown.users.add(file.user);
      if (group === undefined) unknown.groups.add(file.group);
      lchownSync(path, user ?? 0, group ?? 0);
      if (stats.isSymbolicLink()) continue; // it has no mode of its own
      chmodSync(path, file.mode & 0o7777);
      if (file.capabilities !== '')
        setExtendedAttribute(path, 'security.capability', capabilityBytes(file.capabilities));
    }
  }
  return { users: [...unknown.users].sort(), groups: [...unknown.groups].sort() };
}

// A union checkout keeps the metadata of the first package that brings a directory and makes missing parents 0755, so every
// directory that says otherwise is set here. Packages come in installation order: the last one decides, as with rpm.
function isSpecial(file: RpmFileEntry): boolean {
  if (file.user !== 'root' || file.group !== 'root' || file.capabilities !== '') return true;
  return isDirectory(file) && (file.mode & 0o7777) !== 0o755;
}
