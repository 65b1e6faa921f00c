// Finds the one kernel of the tree and puts it where OSTree looks: /usr/lib/modules/VERSION/vmlinuz.

import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { UserError } from '../../../lib/errors.ts';
import { inTree } from '../../../lib/in-tree.ts';

/** Path in the tree; below it is one folder for each kernel. */
export const modulesFolder = 'usr/lib/modules';

/**
 * @returns the kernel's version, or null when the tree has no kernel
 * @throws UserError `several-kernels`
 */
export function placeKernel(root: string): string | null {
  const modules = inTree(root, modulesFolder);
  const versions = existsSync(modules) ? readdirSync(modules).sort() : [];
  const kernels = versions.filter(
    (version) => existsSync(kernelPlace(root, version)) || existsSync(kernelInBoot(root, version)),
  );
  if (kernels.length > 1) {
    throw new UserError('several-kernels', `the tree has ${kernels.length} kernels: ${kernels.join(', ')}`, {
      hint: 'a host boots one kernel: exclude the packages of the others with exclude-packages',
    });
  }
  const [version] = kernels;
  if (version === undefined) return null;
  const place = kernelPlace(root, version);
  if (!existsSync(place)) copyFileSync(kernelInBoot(root, version), place);
  return version;
}

function kernelPlace(root: string, version: string): string {
  return inTree(root, `${modulesFolder}/${version}/vmlinuz`);
}

function kernelInBoot(root: string, version: string): string {
  return inTree(root, `boot/vmlinuz-${version}`);
}
