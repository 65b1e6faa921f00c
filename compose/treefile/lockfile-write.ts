// A package lock -> rpm-ostree's lockfile format. Our own format is the package lock itself, written as a document.

import { UserError } from '../../lib/errors.ts';
import type { PackageLock } from '../resolve/lock.ts';

/**
 * rpm-ostree's lockfile: JSON, names sorted, the same bytes for the same lock.
 * @param generated Seconds since 1970; cut to midnight UTC, as rpm-ostree does. Null leaves the file's own time out.
 * @throws UserError `lockfile-multilib` when a name is locked for two architectures, which that format cannot say.
 */
export function rpmOstreeLockfileText(lock: PackageLock, generated: number | null): string {
  const packages: Record<string, unknown> = {};
  for (const { name, epoch, version, release, arch, checksum, sourcerpm } of byName(lock.packages)) {
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
    packages[name] = {
      evra,
      digest: `${checksum.type}:${checksum.value}`,
      metadata: sourcerpm === undefined ? {} : { sourcerpm },
    };
  }
  return `${JSON.stringify({ packages, metadata: metadataOf(lock, generated) }, null, 2)}\n`;
}

/** Of a repository only its time is known to that format; one that has none is left out. */
function metadataOf({ repos }: PackageLock, generated: number | null): object {
  const dated = repos.flatMap((repo) => (repo.generated === undefined ? [] : [[repo.id, repo.generated] as const]));
  dated.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(generated === null ? {} : { generated: `${timeOf(generated).slice(0, 10)}T00:00:00Z` }),
    rpmmd_repos: Object.fromEntries(dated.map(([id, time]) => [id, { generated: timeOf(time) }])),
  };
}

/** RFC 3339 in UTC, without fractions. */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function byName(packages: PackageLock['packages']): PackageLock['packages'] {
  return [...packages].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
