// The commits of a ref as people ask for them: version, time, packages, what changed each time.

import { diffPackages } from '../diff.ts';
import type { Commit } from '../repository/commit.ts';
import { ancestry, listRefs, resolveCommit } from '../repository/names.ts';

export interface HistoryEntry {
  readonly checksum: string;
  readonly version: string | null;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Null for a commit that is not ours. */
  readonly inputId: string | null;
  readonly packages: number;
  /** Numbers of packages against the parent; null when the repository does not have the parent. */
  readonly changes: { readonly added: number; readonly removed: number; readonly changed: number } | null;
  /** Refs that name this very commit. */
  readonly refs: readonly string[];
}

export interface History {
  readonly kind: 'commit-history';
  readonly version: 1;
  /** Newest first. */
  readonly commits: readonly HistoryEntry[];
  /** False when the limit cut it, or when ancestors are not in the repository. */
  readonly complete: boolean;
}

/**
 * @param name as `resolveCommit()` takes it
 * @throws UserError `commit-not-found`, `repo-not-found`
 */
export async function readHistory(repo: string, name: string, limit = Number.POSITIVE_INFINITY): Promise<History> {
  const start = await resolveCommit(repo, name);
  const refs = await listRefs(repo);
  const commits: Commit[] = [];
  // One more than asked for, to compare the last one with.
  for await (const commit of ancestry(repo, start.checksum)) if (commits.push(commit) > limit) break;
  const entries = commits.slice(0, limit).map((commit, at): HistoryEntry => {
    const { checksum, version, timestamp, inputId, packages } = commit;
    return {
      checksum,
      version,
      timestamp,
      inputId,
      packages: packages.length,
      changes: changesSince(commits[at + 1], commit),
      refs: [...refs].filter(([, target]) => target === checksum).map(([ref]) => ref),
    };
  });
  const complete = commits.length <= limit && commits.at(-1)?.parent === null;
  return { kind: 'commit-history', version: 1, commits: entries, complete };
}

function changesSince(parent: Commit | undefined, commit: Commit): HistoryEntry['changes'] {
  if (parent === undefined) return null;
  const { added, removed, changed } = diffPackages(parent.packages, commit.packages);
  return { added: added.length, removed: removed.length, changed: changed.length };
}
