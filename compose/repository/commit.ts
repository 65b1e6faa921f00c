// Reads commit objects straight from a repository of any mode: identity, metadata and package list, without starting a program.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { UserError } from '../../lib/errors.ts';
import { dictionaryOf, readVariant, type Variant, type VariantValue } from '../../lib/gvariant.ts';
import { commitType, objectPath, type PackageIdentity, packagesIn } from '../../lib/ostree-objects.ts';

export interface Commit {
  readonly checksum: string;
  readonly parent: string | null;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly version: string | null;
  /** What it was made from; null for a commit that is not ours. */
  readonly inputId: string | null;
  /** Empty when the commit does not say. */
  readonly packages: readonly PackageIdentity[];
  /** Refs that the commit says it belongs to; empty when it does not bind itself. */
  readonly refBindings: readonly string[];
  readonly metadata: ReadonlyMap<string, Variant>;
}

/** @throws UserError `commit-not-found` */
export async function readCommit(repo: string, checksum: string): Promise<Commit> {
  const fields = readVariant(commitType, await readCommitObject(repo, checksum)) as readonly VariantValue[];
  const [entries, parent, , subject, , time] = fields;
  const metadata = dictionaryOf(entries!);
  return {
    checksum,
    parent: (parent as Uint8Array).length === 0 ? null : Buffer.from(parent as Uint8Array).toString('hex'),
    subject: subject as string,
    timestamp: Number(time as bigint),
    version: stringIn(metadata, 'version'),
    inputId: stringIn(metadata, 'slipway.input-id'),
    packages: packagesIn(metadata),
    refBindings: (metadata.get('ostree.ref-binding')?.value as readonly string[] | undefined) ?? [],
    metadata,
  };
}

/** The bytes of a commit; its checksum is their SHA-256. */
export async function readCommitObject(repo: string, checksum: string): Promise<Buffer> {
  try {
    return await readFile(objectPath(repo, checksum, 'commit'));
  } catch (cause) {
    throw new UserError('commit-not-found', `the repository ${repo} has no commit ${checksum}`, { cause });
  }
}

export function hasCommit(repo: string, checksum: string): boolean {
  return existsSync(objectPath(repo, checksum, 'commit'));
}

function stringIn(metadata: ReadonlyMap<string, Variant>, key: string): string | null {
  const found = metadata.get(key);
  return found?.type === 's' ? (found.value as string) : null;
}
