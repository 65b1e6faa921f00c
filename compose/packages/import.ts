// Imports RPMs into the package cache: each becomes one commit. Several are read at once, see worker-pool.ts.

import { statSync } from 'node:fs';
import { UserError } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import { runJobs } from '../../lib/worker-pool.ts';
import type { EngineContext } from '../context.ts';
import { cachedCommit, type ImportKey, type PackageCache, packageRef } from './cache.ts';
import type { PackageFile } from './package.ts';

/** A package to import. */
export type ImportJob = ImportKey & Pick<PackageFile, 'path'>;

/** What its process is told with each. */
export interface ImportSetting {
  /** Path of the cache's repository. */
  readonly repo: string;
  /** An existing folder for unfinished objects, on the repository's file system. */
  readonly folder: string;
}

/**
 * Imports what the cache lacks.
 * @param folder an existing folder on the cache's file system, for unfinished objects
 * @returns the commit of each package, by digest
 * @throws UserError `rpm-unreadable` about the packages that cannot be imported; the others stay imported
 */
export async function importPackages(
  packages: readonly ImportJob[],
  cache: PackageCache,
  folder: string,
  context: EngineContext,
  step: StepHandle,
): Promise<Map<string, string>> {
  const { commits, missing } = lookUp(packages, cache);
  if (missing.length === 0) {
    step.reused();
    step.detail(`${packages.length} packages from the cache`);
    return commits;
  }
  const setting: ImportSetting = { repo: cache.repo, folder };
  const jobs = largestFirst(missing);
  let done = 0;
  const outcomes = await runJobs<ImportSetting, ImportJob, string>(
    new URL('./import-worker.ts', import.meta.url),
    setting,
    jobs,
    {
      signal: context.signal,
      onDone: () => step.progress(++done, jobs.length, 'packages'),
    },
  );
  const failures: Error[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if ('error' in outcome) failures.push(outcome.error);
    else commits.set(jobs[index]!.digest, outcome.result);
  }
  if (failures.length > 0) throw asOne(failures);
  step.detail(`${missing.length} of ${packages.length} packages imported`);
  return commits;
}

interface LookUp {
  readonly commits: Map<string, string>;
  readonly missing: readonly ImportJob[];
}

function lookUp(packages: readonly ImportJob[], cache: PackageCache): LookUp {
  const commits = new Map<string, string>();
  const missing: ImportJob[] = [];
  for (const each of packages) {
    const commit = cachedCommit(cache, packageRef(each));
    if (commit === null) missing.push(each);
    else commits.set(each.digest, commit);
  }
  return { commits, missing };
}

/** Or all would wait for the one that was begun last. */
function largestFirst(packages: readonly ImportJob[]): ImportJob[] {
  return packages
    .map((each) => ({ each, bytes: statSync(each.path).size }))
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ each }) => each);
}

/** Whatever is no package's fault counts more. */
function asOne(failures: readonly Error[]): Error {
  const isOfPackage = (error: Error): error is UserError =>
    error instanceof UserError && error.code === 'rpm-unreadable';
  const ofPackages = failures.filter(isOfPackage);
  const other = failures.find((error) => !isOfPackage(error));
  if (other !== undefined) return other;
  return new UserError('rpm-unreadable', ofPackages.map(({ message }) => message).join('\n'), {
    hint: `${ofPackages[0]!.hint}; all other packages were imported`,
  });
}
