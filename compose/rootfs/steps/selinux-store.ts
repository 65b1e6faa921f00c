// Moves the store of SELinux modules from /var/lib/selinux, which belongs to the host and starts empty, to /etc/selinux beside the policy,
// and tells semanage.conf(5), so that semanage works on hosts and updates reach the store.

import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inTree } from '../../../lib/in-tree.ts';

export function moveSelinuxStore(root: string): void {
  const store = inTree(root, 'var/lib/selinux');
  if (!existsSync(store)) return;
  for (const type of readdirSync(store)) {
    cpSync(join(store, type), inTree(root, `etc/selinux/${type}`), { recursive: true, verbatimSymlinks: true });
  }
  rmSync(store, { recursive: true });
  const configuration = inTree(root, 'etc/selinux/semanage.conf');
  const known = existsSync(configuration) ? readFileSync(configuration, 'utf8') : '';
  if (/^\s*store-root\s*=/m.test(known)) return;
  const separator = known === '' || known.endsWith('\n') ? '' : '\n';
  appendFileSync(configuration, `${separator}store-root=/etc/selinux\n`);
}
