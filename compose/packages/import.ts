// Imports RPMs into the package cache: each becomes one commit. Plain packages are read by ostree itself, a few at a time from one
// xargs, because starting a process from Node is slow; the others are first written as a tar archive by our own converter.

import { availableParallelism } from 'node:os';
import { UserError } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import { isDirectory, isRegularFile, isSymbolicLink } from '../../lib/rpm/files.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { cachedCommit, type PackageCache, packageRef } from './cache.ts';
import { convertToTar } from './convert.ts';
import type { EnginePackage } from './package.ts';
import { treePath } from './paths.ts';

/**
 * Imports what the cache lacks.
 * @param folder an existing folder for archives in between
 * @returns the commit of each package, by digest
 * @throws UserError `rpm-unreadable` naming the packages that cannot be unpacked; the others stay imported
 */
export async function importPackages(
  packages: readonly EnginePackage[],
  cache: PackageCache,
  folder: string,
  context: EngineContext,
  step: StepHandle,
): Promise<Map<string, string>> {
  const { commits, missing } = await lookUp(packages, cache);
  if (missing.length === 0) {
    step.reused();
    step.detail(`${packages.length} packages from the cache`);
    return commits;
  }
  const archives: string[] = [];
  for (const each of missing) archives.push(needsConversion(each) ? await convertToTar(each, folder) : each.path);
  const archiveOf = new Map(missing.map((each, index) => [each, archives[index]!]));
  let after: LookUp = { commits: new Map(), missing };
  for (let attempt = 1; after.missing.length > 0; attempt++) {
    const said = await importArchives(after.missing, archiveOf, cache, context, step);
    after = await lookUp(missing, cache);
    if (after.missing.length > 0 && (attempt === attempts || !lostRace.test(said))) {
      throw unreadable(after.missing, said);
    }
  }
  step.detail(`${missing.length} of ${packages.length} packages imported`);
  return new Map([...commits, ...after.commits]);
}

/**
 * Processes of ostree that begin and end at one moment clean up each other's staging folders, and one of them may find a folder gone
 * that it wanted to remove: it gives up for no fault of the package (2022.7, seen on a busy machine).
 */
const lostRace = /staging-[^:]*: No such file or directory/;
const attempts = 5;

/** @returns what ostree had to say */
async function importArchives(
  packages: readonly EnginePackage[],
  archiveOf: ReadonlyMap<EnginePackage, string>,
  cache: PackageCache,
  context: EngineContext,
  step: StepHandle,
): Promise<string> {
  let done = 0;
  const result = await run(importArgv(cache.repo, availableParallelism()), {
    ...context.runOptions,
    input: packages.map((each) => importItem(each, archiveOf.get(each)!)).join(''),
    // xargs: a command failed. Which one shows in what is still missing.
    okExitCodes: [0, 123],
    onLine: () => step.progress(Math.min(++done, packages.length), packages.length, 'packages'),
  });
  return result.stderr;
}

/** The command that takes NUL-ended pairs of a ref and an archive on stdin. */
export function importArgv(repo: string, parallel: number): string[] {
  const commit = ['commit', '--tar-autocreate-parents', '--owner-uid=0', '--owner-gid=0', '--no-bindings'];
  return [
    ...['xargs', '--null', `--max-procs=${parallel}`, '--max-args=2'],
    ...['ostree', `--repo=${repo}`, ...commit, '--parent=none', '--timestamp=@0', '--fsync=0'],
  ];
}

function importItem(each: EnginePackage, archive: string): string {
  return `--branch=${packageRef(each)}\0--tree=tar=${archive}\0`;
}

/**
 * What libarchive and ostree cannot read as it is: the newer format, devices and pipes, paths that are not usr-merged, and modes other than
 * the package says.
 */
export function needsConversion(each: Pick<EnginePackage, 'format' | 'files' | 'modesDiffer'>): boolean {
  return (
    each.format === 6 ||
    each.modesDiffer ||
    each.files.some(
      (file) =>
        treePath(file.path) !== file.path || !(isDirectory(file) || isRegularFile(file) || isSymbolicLink(file)),
    )
  );
}

interface LookUp {
  readonly commits: Map<string, string>;
  readonly missing: readonly EnginePackage[];
}

async function lookUp(packages: readonly EnginePackage[], cache: PackageCache): Promise<LookUp> {
  const found = await Promise.all(packages.map((each) => cachedCommit(cache, packageRef(each))));
  const commits = new Map<string, string>();
  const missing: EnginePackage[] = [];
  for (const [index, each] of packages.entries()) {
    const commit = found[index];
    if (commit == null) missing.push(each);
    else commits.set(each.digest, commit);
  }
  return { commits, missing };
}

function unreadable(packages: readonly EnginePackage[], said: string): UserError {
  const files = packages.map((each) => each.path).join(', ');
  const reasons = said.trim().split('\n').slice(-3).join('; ');
  return new UserError('rpm-unreadable', `${files} cannot be unpacked: ${reasons}`, {
    hint: 'fetch the package again; nothing else was lost',
    cause: new Error(said), // which may be that the disk is full
  });
}
