// Turns on tmp.mount: with a read-only physical root, /tmp must be a file system of its own, or every service with PrivateTmp= fails.

import { existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function enableTmpMount(root: string): void {
  const units = join(root, 'usr/lib/systemd/system');
  if (!existsSync(join(units, 'tmp.mount'))) return;
  const link = join(units, 'local-fs.target.wants/tmp.mount');
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync('../tmp.mount', link);
}
