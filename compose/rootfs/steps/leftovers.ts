// Removes what tools leave behind and no host should get: backups and locks of the account files, and host keys made by a scriptlet.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const backups = ['passwd-', 'group-', 'shadow-', 'gshadow-', 'subuid-', 'subgid-', '.pwd.lock', '.updated'];

export function removeLeftovers(root: string): void {
  for (const name of backups) rmSync(join(root, 'etc', name), { force: true });
  rmSync(join(root, 'usr/.updated'), { force: true });
  for (const name of namesIn(join(root, 'etc/ssh'))) {
    if (/^ssh_host_.*_key(\.pub)?$/.test(name)) rmSync(join(root, 'etc/ssh', name));
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
