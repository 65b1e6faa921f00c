// The commit that the ref of a compose names now: what it was made from, and with which packages.

import { type Commit, readCommit } from './repository/commit.ts';
import { readRef } from './repository/refs.ts';

export type PreviousCommit = Commit;

/** Null when the repository or the ref does not exist. */
export async function readPreviousCommit(repo: string, ref: string): Promise<PreviousCommit | null> {
  const checksum = await readRef(repo, ref);
  return checksum === null ? null : readCommit(repo, checksum);
}
