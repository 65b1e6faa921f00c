// The security advisories that a commit lists.

import { type Advisory, advisoriesIn } from '../../lib/advisories.ts';
import type { Commit } from '../repository/commit.ts';
import { readDetachedMetadata } from '../repository/detached.ts';

/** Those in the commit, else those beside it. @throws UserError `metadata-damaged` */
export async function readCommitAdvisories(
  repo: string,
  { checksum, metadata }: Pick<Commit, 'checksum' | 'metadata'>,
): Promise<Advisory[]> {
  const inline = advisoriesIn(metadata);
  return inline.length > 0 ? inline : advisoriesIn(await readDetachedMetadata(repo, checksum));
}
