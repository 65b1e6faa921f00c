// Looks after the caches: how much it holds, whether it is sound, and what nobody has used for long. Runs inside the user namespace,
// because the cache of an ordinary user holds files of subordinate ids.

import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../../lib/file-lock.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { type EngineContext, engineContext } from '../context.ts';
import { isInitialised } from '../repository/initialise.ts';
import { cacheLock, packageCacheRepo } from './cache.ts';
import {
  type CachePartReport,
  type DamagedFile,
  findDamagedFiles,
  measureParts,
  removeUnusedFiles,
} from './cache-parts.ts';
import { type Damage, describeDamage, findDamage, mayHideMore, removeDamage } from './damage.ts';

export interface MaintainInput {
  /** `repair` verifies, and removes what is damaged. */
  readonly action: 'show' | 'gc' | 'verify' | 'repair';
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
  /** Entries that `gc` or `repair` removed. */
  readonly removed: number;
  /** What `verify` or `repair` found; empty when all is well. */
  readonly problems: readonly string[];
}

export async function main(input: MaintainInput, tools: WorkerTools): Promise<CacheReport> {
  const context = engineContext(tools);
  const { action, cacheDir } = input;
  const work = (): Promise<CacheReport> => maintain(input, context);
  // To look writes nothing, and waits for nobody; without a folder there is nothing to lock.
  if (action === 'show' || !existsSync(cacheDir)) return work();
  return withFileLock(cacheLock(cacheDir), context.signal, work, action === 'verify' ? 'shared' : 'exclusive');
}

async function maintain(input: MaintainInput, context: EngineContext): Promise<CacheReport> {
  const { cacheDir, userId } = input;
  const repo = packageCacheRepo(cacheDir, userId);
  const hasRepo = isInitialised(repo);
  const { removed, problems } = await act(input, hasRepo ? repo : null, context);
  const [packages, initramfs, used] = await Promise.all([
    namesIn(join(repo, 'refs/heads/slipway/pkg')),
    namesIn(join(repo, 'refs/heads/slipway/initramfs')),
    hasRepo ? sizeOnDisk(repo, context) : 0,
  ]);
  return {
    kind: 'cache-report',
    version: 1,
    repo,
    packages: packages.length,
    initramfs: initramfs.length,
    bytes: used,
    parts: await measureParts(cacheDir, userId),
    removed,
    problems,
  };
}

type Outcome = Pick<CacheReport, 'removed' | 'problems'>;

async function act(input: MaintainInput, repo: string | null, context: EngineContext): Promise<Outcome> {
  const { action, cacheDir, userId, unusedSinceMs } = input;
  switch (action) {
    case 'show':
      return { removed: 0, problems: [] };
    case 'gc': {
      const refs = repo === null ? 0 : await collectGarbage(repo, unusedSinceMs, context);
      return { removed: refs + (await removeUnusedFiles(cacheDir, userId, unusedSinceMs)), problems: [] };
    }
    case 'verify': {
      const found = await lookForDamage(input, repo, context);
      const more = mayHideMore(found.objects)
        ? ['contents of files were not all read because of that; `--repair` removes it and reads on']
        : [];
      return { removed: 0, problems: [...(await describe(found, cacheDir)), ...more] };
    }
    case 'repair':
      return repair(input, repo, context);
  }
}

interface FoundDamage {
  readonly objects: readonly Damage[];
  readonly files: readonly DamagedFile[];
}

async function lookForDamage(
  { cacheDir, userId }: MaintainInput,
  repo: string | null,
  context: EngineContext,
): Promise<FoundDamage> {
  const objects = repo === null ? [] : await findDamage(repo, context);
  return { objects, files: await findDamagedFiles(cacheDir, userId) };
}

async function describe({ objects, files }: FoundDamage, cacheDir: string): Promise<string[]> {
  return [...(await describeDamage(objects, cacheDir)), ...files.map(({ problem }) => problem)];
}

/**
 * Looks again after each removal: damage may have hidden more.
 * @throws Error when something that was removed is still damaged
 */
async function repair(input: MaintainInput, repo: string | null, context: EngineContext): Promise<Outcome> {
  let removed = 0;
  const problems: string[] = [];
  for (;;) {
    const { objects, files } = await lookForDamage(input, repo, context);
    const found = await describe({ objects, files }, input.cacheDir);
    if (found.length === 0) return { removed, problems };
    if (found.every((problem) => problems.includes(problem))) {
      throw new Error(`the cache is still damaged after its repair: ${found.join('\n')}`);
    }
    problems.push(...found);
    for (const { path } of files) await rm(path, { force: true });
    removed += files.length;
    if (repo === null || objects.length === 0) continue;
    removed += await removeDamage(repo, objects);
    // Fails over damage that was hidden, which the next look finds.
    await run(prune(repo), { ...context.runOptions, okExitCodes: [0, 1] });
  }
}

/** Other processes may write to it meanwhile: du then complains about files that are gone. */
async function sizeOnDisk(repo: string, context: EngineContext): Promise<number> {
  const options = { ...context.runOptions, okExitCodes: [0, 1] };
  return Number.parseInt((await run(['du', '--summarize', '--block-size=1', repo], options)).stdout, 10);
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
  await run(prune(repo), context.runOptions);
  return removed;
}

function prune(repo: string): string[] {
  return ['ostree', `--repo=${repo}`, 'prune', '--refs-only'];
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
