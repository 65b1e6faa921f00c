// Small real repositories for resolver tests: RPMs of our own writer, metadata of createrepo_c, a `.repo` file and a request.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { LockedPackage, PackageLock } from '../../../../compose/resolve/lock.ts';
import { nevra } from '../../../../compose/resolve/lock.ts';
import type { ResolveRequest } from '../../../../compose/resolve/request.ts';
import { resolvePackages } from '../../../../compose/resolve/resolve.ts';
import { Events, type SlipwayEvent } from '../../../../lib/events.ts';
import { type RpmDependency, type RpmSpec, rpmFileName } from '../../../../lib/rpm/spec.ts';
import { writeRpm } from '../../../../lib/rpm/write.ts';
import { run } from '../../../../lib/run.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

type DependencyKey = 'requires' | 'provides' | 'conflicts' | 'obsoletes' | 'recommends' | 'suggests' | 'supplements';

/** `name`, `name-version-release` is spelled out; dependencies are written as in spec files: `lib >= 2`. */
export interface SmallPackage extends Partial<Readonly<Record<DependencyKey, readonly string[]>>> {
  readonly name: string;
  readonly version?: string;
  readonly release?: string;
  readonly epoch?: number;
  readonly arch?: string;
  /** Absolute paths of files. */
  readonly files?: readonly string[];
}

export function specOf(small: SmallPackage): RpmSpec {
  const dependencies = (key: DependencyKey): RpmDependency[] => (small[key] ?? []).map(parseDependency);
  return {
    name: small.name,
    version: small.version ?? '1',
    release: small.release ?? '1',
    ...(small.epoch === undefined ? {} : { epoch: small.epoch }),
    arch: small.arch ?? 'noarch',
    requires: dependencies('requires'),
    provides: dependencies('provides'),
    conflicts: dependencies('conflicts'),
    obsoletes: dependencies('obsoletes'),
    recommends: dependencies('recommends'),
    suggests: dependencies('suggests'),
    supplements: dependencies('supplements'),
    files: (small.files ?? []).map((path) => ({ type: 'file', path, content: path })),
    compressor: 'gzip',
  };
}

/** Writes the packages and their metadata into `folder`. */
export async function writeRepo(
  folder: string,
  packages: readonly SmallPackage[],
  createrepoArgs: readonly string[] = [],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const small of packages) {
    const spec = specOf(small);
    await writeRpm(join(folder, rpmFileName(spec)), spec);
  }
  await run(['createrepo_c', '--quiet', '--no-database', ...createrepoArgs, folder]);
}

export interface TestRepo {
  readonly id: string;
  readonly packages: readonly SmallPackage[];
  /** Further lines of its section. */
  readonly settings?: readonly string[];
}

/** Repositories in a temporary folder, all in one `.repo` file, and a request that uses them all. */
export async function makeRepos(t: ExecutionContext, repos: readonly TestRepo[]): Promise<ResolveRequest> {
  return await makeReposIn(await temporaryFolder(t), repos);
}

export async function makeReposIn(folder: string, repos: readonly TestRepo[]): Promise<ResolveRequest> {
  for (const { id, packages } of repos) await writeRepo(join(folder, id), packages);
  const sections = repos.map(({ id, settings = [] }) =>
    [`[${id}]`, `baseurl=file://${join(folder, id)}`, 'gpgcheck=0', ...settings, ''].join('\n'),
  );
  return await requestFor(
    folder,
    sections.join('\n'),
    repos.map(({ id }) => id),
  );
}

/** A request for repositories of a `.repo` file of this content; the cache lies in `folder` too. */
export async function requestFor(folder: string, repoFile: string, repos: readonly string[]): Promise<ResolveRequest> {
  const path = join(folder, 'test.repo');
  await writeFile(path, repoFile);
  return {
    arch: 'x86_64',
    releasever: null,
    repoFiles: [path],
    repos,
    lockfileRepos: [],
    repovars: {},
    packages: [],
    excludePackages: [],
    repoPackages: [],
    recommends: true,
    lock: null,
    cacheDir: join(folder, 'cache'),
  };
}

export function quietTools(): { events: Events; signal: AbortSignal; seen: SlipwayEvent[] } {
  const events = new Events();
  const seen: SlipwayEvent[] = [];
  events.listen((event) => seen.push(event));
  return { events, signal: new AbortController().signal, seen };
}

export async function resolveTo(request: ResolveRequest, changes: Partial<ResolveRequest>): Promise<string[]> {
  return namesIn(await resolvePackages({ ...request, ...changes }, quietTools()));
}

export function namesIn(lock: PackageLock): string[] {
  return lock.packages.map((locked: LockedPackage) => nevra(locked));
}

function parseDependency(text: string): RpmDependency {
  const match = /^([^(\s]\S*) (<|<=|=|>=|>) (\S+)$/.exec(text);
  if (match === null) return { name: text };
  return { name: match[1]!, comparison: match[2] as NonNullable<RpmDependency['comparison']>, version: match[3]! };
}
