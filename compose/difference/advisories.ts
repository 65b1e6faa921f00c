// The security advisories that a commit lists.

import { type Advisory, advisoriesIn } from '../../lib/advisories.ts';
import { dictionaryOf, readVariant } from '../../lib/gvariant.ts';
import type { Commit } from '../repository/commit.ts';
import { readDetachedMetadata } from '../repository/detached.ts';

/** Those in the commit, else those beside it. */
export async function readCommitAdvisories(
  repo: string,
  { checksum, metadata }: Pick<Commit, 'checksum' | 'metadata'>,
): Promise<Advisory[]> {
  const inline = advisoriesIn(metadata);
  const detached = inline.length > 0 ? undefined : await readDetachedMetadata(repo, checksum);
  return detached === undefined ? inline : advisoriesIn(dictionaryOf(readVariant('a{sv}', detached)));
}
