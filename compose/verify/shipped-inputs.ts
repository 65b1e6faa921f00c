// What a commit ships of its own inputs: the package lock, as what the resolver may choose when it is made again, and the options.

import { UserError } from '../../lib/errors.ts';
import { evrOf } from '../../lib/rpm/spec.ts';
import { composeOptionsKey, type ShippedOptions } from '../commit-metadata.ts';
import type { Commit } from '../repository/commit.ts';
import { readCommitFile } from '../repository/read-file.ts';
import { advisoriesFor } from '../resolve/advisory.ts';
import { nevra, type PackageLock } from '../resolve/lock.ts';
import type { LockRequest } from '../resolve/request.ts';
import { shippedLockPath } from '../rootfs/steps/lock-json.ts';

/** @throws UserError `lock-missing` for a commit that was not made by Slipway, or by one that shipped no locks yet */
export async function readShippedLock(repo: string, checksum: string): Promise<PackageLock> {
  const text = await readCommitFile(repo, checksum, `/${shippedLockPath}`);
  if (text !== null) return JSON.parse(text) as PackageLock;
  throw new UserError(
    'lock-missing',
    `the commit ${checksum} ships no package lock, so nobody knows what to make it of`,
    {
      hint: 'compose it with this version of Slipway',
    },
  );
}

/** @throws UserError `options-missing` as above */
export function readShippedOptions({ checksum, metadata }: Commit): ShippedOptions {
  const written = metadata.get(composeOptionsKey)?.value;
  if (typeof written === 'string') return JSON.parse(written) as ShippedOptions;
  throw new UserError('options-missing', `the commit ${checksum} does not say with which options it was made`, {
    hint: 'compose it with this version of Slipway',
  });
}

/** Strictly these packages, by version and digest, with the advisories that the lock lists. */
export function lockRequestOf(lock: PackageLock): LockRequest {
  const constraints = lock.packages.map((each) => ({
    name: each.name,
    arch: each.arch,
    evr: evrOf(each),
    checksum: `${each.checksum.type}:${each.checksum.value}`,
    ...advisoriesFor(nevra(each), lock.advisories),
  }));
  return { constraints, strict: true };
}
