// Finds the one kernel of the tree and puts it where OSTree looks: /usr/lib/modules/VERSION/vmlinuz.

import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';

/**
 * @returns the kernel's version, or null when the tree has no kernel
 * @throws UserError `several-kernels`
 */
export function placeKernel(root: string): string | null {
  const modules = join(root, 'usr/lib/modules');
  const versions = existsSync(modules) ? readdirSync(modules).sort() : [];
  const kernels = versions.filter(
    (version) => existsSync(join(modules, version, 'vmlinuz')) || existsSync(join(root, `boot/vmlinuz-${version}`)),
  );
  if (kernels.length > 1) {
    throw new UserError('several-kernels', `the tree has ${kernels.length} kernels: ${kernels.join(', ')}`, {
      hint: 'a host boots one kernel: exclude the packages of the others with exclude-packages',
    });
  }
  const [version] = kernels;
  if (version === undefined) return null;
  const place = join(modules, version, 'vmlinuz');
  if (!existsSync(place)) copyFileSync(join(root, `boot/vmlinuz-${version}`), place);
  return version;
}
