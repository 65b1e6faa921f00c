// Removes old commits of a repository: decides per ref how many stay, and lets ostree remove what nothing needs any more.

import { UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { engineContext } from '../context.ts';
import type { Signers } from '../publish/sign.ts';
import { changeWithSummary } from '../publish/summary.ts';
import { ancestry, listRefs } from '../repository/names.ts';

/** How many commits of a ref stay; the newest one always does. A commit stays when any rule keeps it. */
export interface RetentionPolicy {
  /** So many newest commits. */
  readonly keep?: number;
  /** Commits of this time or later, in seconds since 1970. */
  readonly since?: number;
}

export interface PruneResult {
  readonly kind: 'pruned-repository';
  readonly version: 1;
  readonly repo: string;
  /** What each ref has, had before, or would have in a dry run. */
  readonly refs: readonly { readonly ref: string; readonly kept: number; readonly removed: number }[];
  readonly dryRun: boolean;
}

/**
 * @throws UserError `usage` for a policy without a rule, `summary-signed` when the summary would lose its signature
 */
export async function pruneRepository(
  options: { repo: string; policy: RetentionPolicy; dryRun: boolean; signers: Signers },
  tools: WorkerTools,
): Promise<PruneResult> {
  const { repo, policy, dryRun, signers } = options;
  if (policy.keep === undefined && policy.since === undefined) {
    throw new UserError('usage', 'nothing says which commits may go', { hint: 'give --keep, --older-than or both' });
  }
  const context = engineContext(tools);
  const refs: { ref: string; kept: number; removed: number }[] = [];
  for (const [ref, checksum] of await listRefs(repo)) {
    const timestamps = await Array.fromAsync(ancestry(repo, checksum), (commit) => commit.timestamp);
    const kept = keptCommits(timestamps, policy);
    refs.push({ ref, kept, removed: timestamps.length - kept });
  }
  if (!dryRun) {
    await tools.events.step('Remove old commits', () =>
      changeWithSummary(repo, signers, context, async () => {
        await run(pruneArgv(repo, refs), context.runOptions);
      }),
    );
  }
  return { kind: 'pruned-repository', version: 1, repo, refs, dryRun };
}

/** How many commits stay of a ref with commits of these times, newest first. */
export function keptCommits(timestamps: readonly number[], { keep = 1, since }: RetentionPolicy): number {
  const younger = since === undefined ? 0 : timestamps.findLastIndex((timestamp) => timestamp >= since) + 1;
  return Math.min(timestamps.length, Math.max(1, keep, younger));
}

/**
 * Keeps the given number of commits of each ref; a commit that two refs have in common stays when one of them keeps it. Refs of remotes, which
 * are not ours to cut, keep all.
 */
export function pruneArgv(repo: string, refs: readonly { ref: string; kept: number }[]): string[] {
  const deeper = refs.filter(({ kept }) => kept > 1);
  return [
    ...['ostree', `--repo=${repo}`, 'prune', '--refs-only'],
    ...(refs.length === 0 ? [] : ['--depth=0']),
    ...refs.map(({ ref }) => `--only-branch=${ref}`),
    ...deeper.map(({ ref, kept }) => `--retain-branch-depth=${ref}=${kept - 1}`),
  ];
}

/** For people's "older than 30 days". */
export function secondsBefore(nowMs: number, days: number): number {
  return Math.floor(nowMs / 1000) - days * 24 * 60 * 60;
}
