// The caches of composes as people look after them: takes an action, gives a report.

import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { withFileLock } from '../lib/file-lock.ts';
import { runInNamespace, type WorkerTools } from '../lib/namespace.ts';
import { removeLeftovers } from './leftovers.ts';
import { cacheLock } from './packages/cache.ts';
import type { CacheReport, MaintainInput } from './packages/maintain.ts';
import { staleWorkFolders } from './work-folder.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * @param options.unusedDays for `gc`: what no compose used in so many days is removed, and what killed runs left behind
 * @throws UserError `path-unusable` when the cache is no folder, `cache-busy` when `gc` or `repair` finds a compose at work
 */
export async function maintainCache(
  action: MaintainInput['action'],
  options: { cacheDir: string; unusedDays: number },
  tools: WorkerTools,
): Promise<CacheReport> {
  const userId = process.getuid?.() ?? 0;
  const cacheDir = resolve(options.cacheDir);
  await assertFolder(cacheDir);
  const removes = action === 'gc' || action === 'repair';
  if (removes) await assertIdle(join(cacheDir, 'work', `uid-${userId}`));
  const input = { action, cacheDir, userId, unusedSinceMs: Date.now() - options.unusedDays * dayMs };
  const module = new URL('./packages/maintain.ts', import.meta.url);
  const report = await runInNamespace<MaintainInput, CacheReport>(module, input, tools);
  if (action !== 'gc' || !existsSync(cacheDir)) return report;
  const removeOld = (): Promise<number> => removeLeftovers(cacheDir, Date.now());
  const removed = await withFileLock(cacheLock(cacheDir), tools.signal, removeOld);
  return { ...report, removed: report.removed + removed };
}

async function assertFolder(path: string): Promise<void> {
  const stats = await stat(path).catch(() => null);
  if (stats === null || stats.isDirectory()) return;
  throw new UserError('path-unusable', `${path} is no folder, and cannot be a cache`, { hint: 'name a folder' });
}

// A compose at work may hold objects that no ref names yet.
async function assertIdle(workParent: string): Promise<void> {
  const stale = new Set(await staleWorkFolders(workParent));
  const names = await readdir(workParent).catch(() => []);
  if (names.every((name) => stale.has(join(workParent, name)))) return;
  throw new UserError('cache-busy', 'a compose is using the cache', { hint: 'try again when it has ended' });
}
