// Lockfiles as people and bots write them -> entries with their places. Two formats: rpm-ostree's (JSON or YAML, keyed by name) and
// our own, the package lock of compose/resolve/lock.ts (keyed by name and architecture).

import { resolve } from 'node:path';
import type { Advisory } from '../../lib/advisories.ts';
import { readOwnLock } from './lockfile-own.ts';
import { readRpmOstreeLock } from './lockfile-rpm-ostree.ts';
import { Problems } from './problems.ts';
import type { SourceNode } from './source/node.ts';
import { readSource } from './source/read.ts';
import type { Span } from './source/source-file.ts';

export interface LockedEntry {
  readonly name: string;
  /** Undefined: any architecture. */
  readonly arch: string | undefined;
  /** `[epoch:]version-release`; an epoch of 0 is left out. */
  readonly evr: string;
  /** `sha256:…`, when given: the package must have this digest. */
  readonly digest: string | undefined;
  /** Those that concern the package; absent when the lockfile lists none of any. */
  readonly advisories?: readonly Advisory[];
  /** Where the entry is written. */
  readonly span: Span;
}

export interface Lockfile {
  readonly format: 'rpm-ostree' | 'slipway';
  readonly file: string;
  readonly entries: readonly LockedEntry[];
}

/**
 * Reads lockfiles, YAML or JSON by their names, each in either format.
 * @throws DiagnosticsError with all problems of all files.
 */
export async function readLockfiles(files: readonly string[]): Promise<Lockfile[]> {
  const problems = new Problems();
  const lockfiles: Lockfile[] = [];
  for (const file of files) {
    const parsed = readSource(resolve(file), file, problems);
    const lockfile = parsed === undefined ? undefined : readLockfile(parsed.root, file, problems);
    if (lockfile !== undefined) lockfiles.push(lockfile);
  }
  problems.throwIfErrors();
  return lockfiles;
}

/** The lockfile that a tree of nodes says; problems are reported. Only our own documents have a "kind". */
export function readLockfile(root: SourceNode, file: string, problems: Problems): Lockfile | undefined {
  const own = root.type === 'mapping' && root.entries.some(({ key }) => key.value === 'kind');
  const entries = own ? readOwnLock(root, problems) : readRpmOstreeLock(root, problems);
  return entries === undefined ? undefined : { format: own ? 'slipway' : 'rpm-ostree', file, entries };
}
