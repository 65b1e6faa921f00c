// A package lock -> rpm-ostree's lockfile format. Our own format is the package lock itself, written as a document.

import { UserError } from '../../lib/errors.ts';
import type { PackageLock } from '../resolve/lock.ts';

/**
 * rpm-ostree's lockfile: JSON, names sorted, the same bytes for the same lock.
 * @param generated Seconds since 1970; cut to midnight UTC, as rpm-ostree does. Null leaves the file's metadata out.
 * @throws UserError `lockfile-multilib` when a name is locked for two architectures, which that format cannot say.
 */
export function rpmOstreeLockfileText(lock: PackageLock, generated: number | null): string {
  const packages: Record<string, unknown> = {};
  for (const { name, epoch, version, release, arch, checksum } of byName(lock.packages)) {
    if (Object.hasOwn(packages, name)) {
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
  const metadata = generated === null ? {} : { metadata: metadataOf(lock, generated) };
  return `${JSON.stringify({ packages, ...metadata }, null, 2)}\n`;
}

function metadataOf(lock: PackageLock, generated: number): object {
  const midnight = `${new Date(generated * 1000).toISOString().slice(0, 10)}T00:00:00Z`;
  const ids = lock.repos.map(({ id }) => id).sort();
  return { generated: midnight, rpmmd_repos: Object.fromEntries(ids.map((id) => [id, { generated: midnight }])) };
}

function byName(packages: PackageLock['packages']): PackageLock['packages'] {
  return [...packages].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
