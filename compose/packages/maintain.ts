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
import { type Damage, describeDamage, findDamage, removeDamage } from './damage.ts';

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
  const { action, cacheDir, userId, unusedSinceMs } = input;
  const repo = packageCacheRepo(cacheDir, userId);
  const hasRepo = isInitialised(repo);
  let removed = 0;
  if (action === 'gc') {
    if (hasRepo) removed += await collectGarbage(repo, unusedSinceMs, context);
    removed += await removeUnusedFiles(cacheDir, userId, unusedSinceMs);
  }
  const damage = action === 'verify' || action === 'repair' ? await lookForDamage(input, hasRepo, context) : nothing;
  if (action === 'repair') removed += await repair(input, hasRepo, damage, context);
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
    problems: [...(await describeDamage(damage.objects, cacheDir)), ...damage.files.map(({ problem }) => problem)],
  };
}

interface FoundDamage {
  readonly objects: readonly Damage[];
  readonly files: readonly DamagedFile[];
}

const nothing: FoundDamage = { objects: [], files: [] };

async function lookForDamage(
  { cacheDir, userId }: MaintainInput,
  hasRepo: boolean,
  context: EngineContext,
): Promise<FoundDamage> {
  const objects = hasRepo ? await findDamage(packageCacheRepo(cacheDir, userId), context) : [];
  return { objects, files: await findDamagedFiles(cacheDir, userId) };
}

/** @throws Error when something is still damaged afterwards */
async function repair(
  input: MaintainInput,
  hasRepo: boolean,
  { objects, files }: FoundDamage,
  context: EngineContext,
): Promise<number> {
  if (objects.length + files.length === 0) return 0;
  const repo = packageCacheRepo(input.cacheDir, input.userId);
  const refs = await removeDamage(repo, objects);
  for (const { path } of files) await rm(path, { force: true });
  if (objects.length > 0) await run(['ostree', `--repo=${repo}`, 'prune', '--refs-only'], context.runOptions);
  const left = await lookForDamage(input, hasRepo, context);
  if (left.objects.length + left.files.length > 0) throw new Error('the cache is still damaged after its repair');
  return refs + files.length;
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
  await run(['ostree', `--repo=${repo}`, 'prune', '--refs-only'], context.runOptions);
  return removed;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
