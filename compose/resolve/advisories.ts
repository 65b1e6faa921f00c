// The security advisories of a lock: for packages whose lockfile lists them those of the lockfile, for all others those of the repositories.

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Advisory } from '../../lib/advisories.ts';
import { Cancelled, UserError } from '../../lib/errors.ts';
import { mergeAdvisories } from './advisory.ts';
import { type LockedPackage, nevra } from './lock.ts';
import { type RepoState, unpackRecord } from './metadata.ts';
import type { LockRequest } from './request.ts';
import type { RepoSession } from './session.ts';
import { readSecurityAdvisories } from './updateinfo.ts';

/** What a lockfile lists for each of its packages, by nevra(); a package of which it does not say is not in it. */
export type RecordedAdvisories = ReadonlyMap<string, readonly Advisory[]>;

export function recordedAdvisories(lock: LockRequest | null): RecordedAdvisories {
  const recorded = (lock?.constraints ?? []).flatMap(({ name, evr, arch, advisories }) =>
    advisories === undefined ? [] : [[`${name}-${evr}.${arch}`, advisories] as const],
  );
  return new Map(recorded);
}

/**
 * Reads the metadata `updateinfo` of all repositories that have it, unless the lockfile says all.
 * @throws UserError `metadata-damaged` and those of unpackRecord()
 */
export async function findAdvisories(
  packages: readonly LockedPackage[],
  recorded: RecordedAdvisories,
  states: readonly RepoState[],
  sessions: readonly RepoSession[],
): Promise<Advisory[]> {
  const known = packages.flatMap((each) => recorded.get(nevra(each)) ?? []);
  const unknown = packages.filter((each) => !recorded.has(nevra(each)));
  const found =
    unknown.length === 0
      ? []
      : await Promise.all(states.map((state, index) => readAdvisories(state, sessions[index]!, unknown)));
  return mergeAdvisories([...known, ...found.flat()], packages.map(nevra));
}

async function readAdvisories(
  state: RepoState,
  session: RepoSession,
  packages: readonly LockedPackage[],
): Promise<Advisory[]> {
  if (!state.repomd.records.has('updateinfo')) return [];
  const path = await unpackRecord(state, 'updateinfo', session);
  try {
    const chunks = createReadStream(path, { encoding: 'utf8', highWaterMark: chunkBytes, signal: session.signal });
    return await readSecurityAdvisories(chunks, packages);
  } catch (cause) {
    if (session.signal.aborted) throw new Cancelled();
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new UserError(
      'metadata-damaged',
      `the advisories of the repository ${state.repo.id} cannot be read: ${cause.message}`,
      { hint: 'make the metadata of that repository again', cause },
    );
  } finally {
    await rm(path, { force: true });
  }
}

/** Several MB are usual. */
const chunkBytes = 1 << 20;
