// Sets the target that systemd boots into.

import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';

/** @throws UserError `unit-not-found` when the tree has no such target */
export function setDefaultTarget(root: string, target: string): void {
  if (!existsSync(join(root, 'usr/lib/systemd/system', target))) {
    throw new UserError('unit-not-found', `default-target names ${target}, which no package brings`);
  }
  const link = join(root, 'etc/systemd/system/default.target');
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(`/usr/lib/systemd/system/${target}`, link);
}
