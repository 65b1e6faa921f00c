// Ships the package lock in the tree, so that a commit alone says with which packages it can be made again (as a lockfile, strictly).
// Where packages came from is left out, because it does not change the tree.

import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Advisory } from '../../../lib/advisories.ts';
import { inTree, makeFolderInTree } from '../../../lib/in-tree.ts';
import type { EnginePackage } from '../../packages/package.ts';
import type { LockedPackage, PackageLock } from '../../resolve/lock.ts';

/** Path in the tree, without leading slash. */
export const shippedLockPath = 'usr/share/slipway/lock.json';

/** @param advisories null when the commit's metadata does not keep them: then they may not change the tree */
export function shipLock(
  root: string,
  arch: string,
  packages: readonly EnginePackage[],
  advisories: readonly Advisory[] | null,
): void {
  const lock: PackageLock = {
    kind: 'package-lock',
    version: 1,
    arch,
    packages: lockedPackages(packages),
    repos: [],
    ...(advisories === null ? {} : { advisories }),
  };
  makeFolderInTree(root, dirname(shippedLockPath));
  writeFileSync(inTree(root, shippedLockPath), `${JSON.stringify(lock, null, 2)}\n`);
}

function lockedPackages(packages: readonly EnginePackage[]): LockedPackage[] {
  return packages
    .map(({ name, epoch, version, release, arch, digest }) => {
      const [type, value] = digest.split(':') as [LockedPackage['checksum']['type'], string];
      return { name, epoch, version, release, arch, checksum: { type, value }, size: 0, repo: '', url: '' };
    })
    .sort((a, b) => (`${a.name}\0${a.arch}` < `${b.name}\0${b.arch}` ? -1 : 1));
}
