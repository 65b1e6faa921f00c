// Removes what tools leave behind and no host should get: backups and locks of the account files, and host keys made by a scriptlet.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { entryInTree, inTree } from '../../../lib/in-tree.ts';

const backups = ['passwd-', 'group-', 'shadow-', 'gshadow-', 'subuid-', 'subgid-', '.pwd.lock', '.updated'];

export function removeLeftovers(root: string): void {
  for (const name of backups) rmSync(entryInTree(root, `etc/${name}`), { force: true });
  rmSync(entryInTree(root, 'usr/.updated'), { force: true });
  const ssh = inTree(root, 'etc/ssh');
  for (const name of namesIn(ssh)) {
    if (/^ssh_host_.*_key(\.pub)?$/.test(name)) rmSync(join(ssh, name));
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
