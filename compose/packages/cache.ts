// The package cache: one bare OSTree repository that holds each imported package as a commit, named by what it was made from. It is
// content addressed and its refs are written atomically, so that two composes at once and a killed one do no harm.

import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { stepId } from '../../lib/documents.ts';
import { writeCacheFile } from '../../lib/files.ts';
import { isChecksum } from '../../lib/ostree-objects.ts';
import { type RunOptions, run } from '../../lib/run.ts';
import { hasMachineLabel } from '../file-attributes.ts';
import { initialiseRepository } from '../repository/initialise.ts';
import type { PackageFile } from './package.ts';

/** Counts up when the importer gives other trees for the same RPM: older imports are then never used again. */
const importerVersion = 3;

export interface PackageCache {
  /** Absolute path of the repository. */
  readonly repo: string;
  /** False where the machine labels files, so that ostree is told to look at no attributes of the cached ones at all. */
  readonly keepsAttributes: boolean;
}

/** Which package, and every option that makes another tree of it. */
export interface ImportKey extends Pick<PackageFile, 'digest'> {
  /** Whether executables are imported without write permission. */
  readonly readonlyExecutables: boolean;
}

/**
 * The repository under `cacheDir`, made when missing. Root and each user have their own, because a bare repository keeps owners as
 * they are on disk.
 */
export async function openPackageCache(cacheDir: string, userId: number, options: RunOptions): Promise<PackageCache> {
  const repo = packageCacheRepo(cacheDir, userId);
  await initialiseRepository(repo, 'bare', options);
  const keepsAttributes = !hasMachineLabel(repo);
  // ostree.repo-config(5); imported files have none of their own, see ownership.ts.
  if (!keepsAttributes)
    await run(['ostree', `--repo=${repo}`, 'config', 'set', 'core.disable-xattrs', 'true'], options);
  return { repo, keepsAttributes };
}

/**
 * Held by composes, which share it, from the first package to the commit; and by `gc` and `repair` alone. A process inside the namespace
 * holds it itself: it outlives a killed one that started it by a moment.
 */
export function cacheLock(cacheDir: string): string {
  return join(cacheDir, 'cache.lock');
}

export function packageCacheRepo(cacheDir: string, userId: number): string {
  return join(cacheDir, 'packages', `uid-${userId}`, 'repo');
}

/** The ref of an imported package: named by all that an import depends on. */
export function packageRef({ digest, readonlyExecutables }: ImportKey): string {
  const options = readonlyExecutables ? { readonlyExecutables } : {};
  return `slipway/pkg/${stepId('import-package', { digest, importerVersion, ...options })}`;
}

/** The commit that a ref of the cache names; null without one, or when a power cut took its content. Marks the ref as used now, for `slipway cache gc`. */
export function cachedCommit(cache: PackageCache, ref: string): string | null {
  const path = refPath(cache, ref);
  try {
    // A compose asks for hundreds, and a way through the thread pool takes longer than the answer.
    const commit = readFileSync(path, 'utf8').trim();
    if (!isChecksum(commit)) return null;
    const now = new Date();
    utimesSync(path, now, now);
    return commit;
  } catch {
    return null;
  }
}

/** Names a commit of the cache by a ref. */
export async function rememberCommit(cache: Pick<PackageCache, 'repo'>, ref: string, commit: string): Promise<void> {
  await writeCacheFile(refPath(cache, ref), `${commit}\n`);
}

function refPath({ repo }: Pick<PackageCache, 'repo'>, ref: string): string {
  return join(repo, 'refs', 'heads', ref);
}
