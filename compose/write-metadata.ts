// Adds metadata to commits by writing the objects themselves. `ostree commit --add-metadata` takes a value as one word of a command line,
// of which the kernel passes on 128 KiB at most (MAX_ARG_STRLEN): less than the package list of a large tree.

import { readFile } from 'node:fs/promises';
import { sha256 } from '../lib/documents.ts';
import { writeFileAtomically } from '../lib/files.ts';
import { dictionaryOf, readVariant, sortedEntries, type VariantValue, writeVariant } from '../lib/gvariant.ts';
import { commitType, objectPath } from '../lib/ostree-objects.ts';
import type { Metadata } from './commit-metadata.ts';

/**
 * Makes the same commit with more metadata, sorted by key.
 * @param checksum of a commit in `repo`
 * @returns checksum of the new commit, which no ref names
 */
export async function addCommitMetadata(repo: string, checksum: string, added: Metadata): Promise<string> {
  const [old, ...rest] = readVariant(
    commitType,
    await readFile(objectPath(repo, checksum, 'commit')),
  ) as VariantValue[];
  const commit = writeVariant(commitType, [sortedEntries(new Map([...dictionaryOf(old!), ...added])), ...rest]);
  const fresh = sha256(commit);
  await writeFileAtomically(objectPath(repo, fresh, 'commit'), commit);
  return fresh;
}
