// Looks after the caches: how much it holds, whether it is sound, and what nobody has used for long. Runs inside the user namespace,
// because the cache of an ordinary user holds files of subordinate ids.

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { type EngineContext, engineContext } from '../context.ts';
import { openPackageCache } from './cache.ts';
import { type CachePartReport, findDamagedFiles, measureParts, removeUnusedFiles } from './cache-parts.ts';

export interface MaintainInput {
  readonly action: 'show' | 'gc' | 'verify';
  readonly cacheDir: string;
  readonly userId: number;
  /** `gc` removes what was not used since this time, in milliseconds since 1970. */
  readonly unusedSinceMs: number;
}

export interface CacheReport {
  readonly kind: 'cache-report';
  readonly version: 1;
  /** Absolute path of the repository. */
  readonly repo: string;
  readonly packages: number;
  readonly initramfs: number;
  /** Bytes of the repository on disk. */
  readonly bytes: number;
  /** What lies beside the repository. */
  readonly parts: readonly CachePartReport[];
  /** Entries that `gc` removed. */
  readonly removed: number;
  /** What `verify` found; empty when all is well. */
  readonly problems: readonly string[];
}

export async function main(input: MaintainInput, tools: WorkerTools): Promise<CacheReport> {
  const context = engineContext(tools);
  const { repo } = await openPackageCache(input.cacheDir, input.userId, context.runOptions);
  const { cacheDir, userId, unusedSinceMs } = input;
  const removed =
    input.action === 'gc'
      ? (await collectGarbage(repo, unusedSinceMs, context)) +
        (await removeUnusedFiles(cacheDir, userId, unusedSinceMs))
      : 0;
  const problems =
    input.action === 'verify'
      ? [...(await findProblems(repo, context)), ...(await findDamagedFiles(cacheDir, userId))]
      : [];
  const [packages, initramfs, used] = await Promise.all([
    namesIn(join(repo, 'refs/heads/slipway/pkg')),
    namesIn(join(repo, 'refs/heads/slipway/initramfs')),
    run(['du', '--summarize', '--block-size=1', repo], context.runOptions),
  ]);
  const bytes = Number.parseInt(used.stdout, 10);
  const parts = await measureParts(cacheDir, userId);
  return {
    kind: 'cache-report',
    version: 1,
    repo,
    packages: packages.length,
    initramfs: initramfs.length,
    bytes,
    parts,
    removed,
    problems,
  };
}

// A ref's file is touched at each use. Commits of finished trees have no ref and go too: their repository has them.
async function collectGarbage(repo: string, unusedSinceMs: number, context: EngineContext): Promise<number> {
  let removed = 0;
  for (const kind of ['pkg', 'initramfs', 'labelled']) {
    const folder = join(repo, 'refs/heads/slipway', kind);
    for (const name of await namesIn(folder)) {
      if ((await stat(join(folder, name))).mtimeMs >= unusedSinceMs) continue;
      await rm(join(folder, name), { force: true });
      removed++;
    }
  }
  await run(['ostree', `--repo=${repo}`, 'prune', '--refs-only'], context.runOptions);
  return removed;
}

async function findProblems(repo: string, context: EngineContext): Promise<string[]> {
  const result = await run(['ostree', `--repo=${repo}`, 'fsck', '--quiet'], {
    ...context.runOptions,
    okExitCodes: [0, 1],
  });
  return result.exitCode === 0 ? [] : result.stderr.trim().split('\n');
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
