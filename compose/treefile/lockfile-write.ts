// A package lock -> rpm-ostree's lockfile format. Our own format is the package lock itself, written as a document.

import { UserError } from '../../lib/errors.ts';
import type { PackageLock } from '../resolve/lock.ts';

/**
 * rpm-ostree's lockfile: JSON, names sorted, the same bytes for the same lock.
 * @param generated Seconds since 1970; cut to midnight UTC, as rpm-ostree does.
 * @throws UserError `lockfile-multilib` when a name is locked for two architectures, which that format cannot say.
 */
export function rpmOstreeLockfileText(lock: PackageLock, generated: number): string {
  const midnight = `${new Date(generated * 1000).toISOString().slice(0, 10)}T00:00:00Z`;
  const packages: Record<string, unknown> = {};
  for (const { name, epoch, version, release, arch, checksum } of byName(lock.packages)) {
    if (name in packages) {
      throw new UserError(
        'lockfile-multilib',
        `${name} is locked for two architectures, which rpm-ostree's lockfile format cannot say`,
        {
          hint: "write Slipway's own format instead",
        },
      );
    }
    const evra = `${epoch === 0 ? '' : `${epoch}:`}${version}-${release}.${arch}`;
    packages[name] = { evra, digest: `${checksum.type}:${checksum.value}`, metadata: {} };
  }
  const ids = lock.repos.map(({ id }) => id).sort();
  const repos = Object.fromEntries(ids.map((id) => [id, { generated: midnight }]));
  return `${JSON.stringify({ packages, metadata: { generated: midnight, rpmmd_repos: repos } }, null, 2)}\n`;
}

function byName(packages: PackageLock['packages']): PackageLock['packages'] {
  return [...packages].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
