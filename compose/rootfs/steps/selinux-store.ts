// Moves the store of SELinux modules from /var/lib/selinux, which belongs to the host and starts empty, to /etc/selinux beside the policy,
// and tells semanage.conf(5), so that semanage works on hosts and updates reach the store.

import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { inTree } from '../../../lib/in-tree.ts';
import type { EngineContext } from '../../context.ts';
import { moveContent } from './move-content.ts';

const place = 'var/lib/selinux';

export async function moveSelinuxStore(root: string, context: EngineContext): Promise<void> {
  const store = inTree(root, place);
  if (!existsSync(store)) return;
  for (const type of readdirSync(store)) await moveContent(root, `${place}/${type}`, `etc/selinux/${type}`, context);
  rmSync(store, { recursive: true });
  const configuration = inTree(root, 'etc/selinux/semanage.conf');
  const known = existsSync(configuration) ? readFileSync(configuration, 'utf8') : '';
  if (/^\s*store-root\s*=/m.test(known)) return;
  const separator = known === '' || known.endsWith('\n') ? '' : '\n';
  appendFileSync(configuration, `${separator}store-root=/etc/selinux\n`);
}
