// A package lock of our own, as a tree of nodes -> entries with their places.

import { advisorySeverities } from '../../lib/advisories.ts';
import { advisoriesFor } from '../resolve/advisory.ts';
import { nevra, type PackageLock } from '../resolve/lock.ts';
import type { LockedEntry } from './lockfile.ts';
import type { Problems } from './problems.ts';
import { type MappingNode, plainValue } from './source/node.ts';
import { anything, listOf, located, record } from './types/collections.ts';
import { count, oneOf, text } from './types/scalars.ts';

const { kind, version }: Pick<PackageLock, 'kind' | 'version'> = { kind: 'package-lock', version: 1 };

const lockedPackage = record('a locked package', {
  name: { type: text() },
  epoch: { type: count },
  version: { type: text() },
  release: { type: text() },
  arch: { type: text() },
  checksum: { type: record('a checksum', { type: { type: text() }, value: { type: text() } }) },
  size: { type: anything },
  repo: { type: anything },
  url: { type: anything },
  sourcerpm: { type: anything, optional: true },
});

const reference = record('an address and a title', { url: { type: text() }, title: { type: text() } });

const advisory = record('an advisory', {
  id: { type: text() },
  severity: { type: oneOf(advisorySeverities) },
  packages: { type: listOf(text(), 'a list of packages') },
  cveReferences: { type: listOf(reference, 'a list of addresses and titles') },
});

const ownLock = record('a package lock', {
  kind: { type: anything },
  version: { type: anything },
  packages: { type: listOf(located(lockedPackage), 'a list of locked packages') },
  arch: { type: anything, optional: true },
  repos: { type: anything, optional: true },
  advisories: { type: listOf(advisory, 'a list of advisories'), optional: true },
});

/** Undefined after problems were reported. Of another kind or version nothing else is looked at, since it may have another shape. */
export function readOwnLock(root: MappingNode, problems: Problems): LockedEntry[] | undefined {
  const about = problems.on('the lockfile');
  for (const { key, value } of root.entries) {
    const found = JSON.stringify(plainValue(value));
    if (key.value === 'kind' && plainValue(value) !== kind) {
      problems.error('document-kind', `a lockfile is a ${kind} document, but this is of kind ${found}`, value);
      return undefined;
    }
    if (key.value === 'version' && plainValue(value) !== version) {
      const message = `this package lock has version ${found}, this Slipway reads version ${version}`;
      problems.error('document-version', message, value, 'make it again with this version of Slipway');
      return undefined;
    }
  }
  const lock = ownLock.read(root, about);
  return lock?.packages.map(({ value, span }): LockedEntry => {
    const epoch = value.epoch === 0 ? '' : `${value.epoch}:`;
    const { name, arch, release, checksum } = value;
    return {
      name,
      arch,
      evr: `${epoch}${value.version}-${release}`,
      digest: `${checksum.type}:${checksum.value}`,
      ...advisoriesFor(nevra(value), lock.advisories),
      span,
    };
  });
}
