// The commit that the ref of a compose names now: what it was made from, and with which packages.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Commit, readCommit } from './repository/commit.ts';

export type PreviousCommit = Commit;

/** Null when the repository or the ref does not exist. */
export async function readPreviousCommit(repo: string, ref: string): Promise<PreviousCommit | null> {
  const checksum = await readFile(join(repo, 'refs', 'heads', ref), 'utf8').catch(() => null);
  return checksum === null ? null : readCommit(repo, checksum.trim());
}
