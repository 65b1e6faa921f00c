// Makes the package lock: takes a ResolveRequest, reads the repositories' metadata, lets libsolv choose, gives a PackageLock. When
// neither the request nor any repository changed, the lock of last time is the answer and no solver is started.

import { join } from 'node:path';
import { type Diagnostic, emitWarnings } from '../../lib/diagnostics.ts';
import { readDocument, stepId, writeCachedDocument } from '../../lib/documents.ts';
import type { Events, StepHandle } from '../../lib/events.ts';
import { parseEvr } from '../../lib/rpm/compare-versions.ts';
import type { RequestPlaces } from '../treefile/request-places.ts';
import { findAdvisories, type RecordedAdvisories, recordedAdvisories } from './advisories.ts';
import { type LockedPackage, type LockedRepo, nevra, type PackageLock } from './lock.ts';
import { type RepoState, readModules, readRepoState, unpackRecord } from './metadata.ts';
import { modularPackages } from './modules.ts';
import { checkOutcome } from './outcome.ts';
import type { RepoConfig } from './repo-config.ts';
import { loadRepos } from './repos.ts';
import type { LockRequest, ResolveRequest } from './request.ts';
import { type RepoSession, withSession } from './session.ts';
import type { PackageReasons, SolvedPackage, SolverJob, SolverRepo } from './solv/job.ts';
import { runSolver } from './solv/run-solver.ts';
import { dismissSolver } from './solv/solver-process.ts';

export interface ResolveTools {
  readonly events: Events;
  readonly signal: AbortSignal;
  /** Where the treefile asks for packages and names repositories; without, problems are told without a place. */
  readonly places?: RequestPlaces;
  /** Called when the solver has its job and this process nothing to do; not when the lock is known already. Must not throw. */
  readonly whileSolving?: () => void;
}

export interface Resolution {
  readonly lock: PackageLock;
  /** Who asked for each package; empty unless asked for. */
  readonly reasons: readonly PackageReasons[];
}

/** Rises when the same request and metadata would give another lock. */
const resolverVersion = 2;

/**
 * The packages that a tree consists of, exactly as dnf would choose them for an empty root.
 * @throws UserError `package-not-found` (all at once), `unsolvable`, `no-repository` and those of metadata.ts; DiagnosticsError for
 *   repositories and for locked packages that no repository has.
 */
export async function resolvePackages(request: ResolveRequest, tools: ResolveTools): Promise<PackageLock> {
  return await tools.events.step('Resolve packages', async (step) => {
    const { lock } = await resolve(request, { ...tools, step, reasons: false, lock: request.lock });
    step.detail(`${lock.packages.length} packages`);
    return lock;
  });
}

/** The same with the reasons for each package and without advisories; always asks the solver. */
export async function resolveWithReasons(asked: ResolveRequest, tools: ResolveTools): Promise<Resolution> {
  const { advisories: _, ...request } = asked;
  return await tools.events.step('Resolve packages', (step) =>
    resolve(request, { ...tools, step, reasons: true, lock: request.lock }),
  );
}

interface Context extends ResolveTools {
  /** As asked for: constraints that come from files know their places. */
  readonly lock: LockRequest | null;
  readonly step: StepHandle;
  readonly reasons: boolean;
}

async function resolve(asked: ResolveRequest, context: Context): Promise<Resolution> {
  const request = { ...asked, lock: plainLock(asked.lock) };
  const repos = await loadRepos(request, context);
  return await withSessions(repos, request, context.signal, async (sessions) => {
    const states = await Promise.all(sessions.map(readRepoState));
    const recorded = request.advisories === true ? recordedAdvisories(asked.lock) : noAdvisories;
    const id = lockId(request, recorded, states);
    const path = join(request.cacheDir, 'locks', `${id}.json`);
    if (!context.reasons) {
      const known = await readDocument<PackageLock>(path, 'package-lock', 1).catch(() => undefined);
      if (known !== undefined) {
        dismissSolver();
        context.step.reused();
        return { lock: known, reasons: [] };
      }
    }
    const { warnings, ...resolution } = await askSolver(request, recorded, states, sessions, context);
    emitWarnings(warnings, context.events);
    // The lock of last time would be given without its warnings.
    if (warnings.length === 0) await writeCachedDocument(path, resolution.lock);
    return resolution;
  });
}

const noAdvisories: RecordedAdvisories = new Map();

/** Constraints may carry more than the solver is asked, such as their places in files; that does not cross to it. */
function plainLock(lock: LockRequest | null): LockRequest | null {
  if (lock === null) return null;
  const constraints = lock.constraints.map(({ name, arch, evr, checksum }) => ({ name, arch, evr, checksum }));
  return { strict: lock.strict, constraints };
}

/** Everything that decides the result. The cache's place does not; a repository's address does, because it is in the lock. */
function lockId(request: ResolveRequest, recorded: RecordedAdvisories, states: readonly RepoState[]): string {
  const { cacheDir: _, repoFiles: __, ...deciding } = request;
  const repos = states.map(({ repo, baseUrls, repomdDigest }) => {
    const { id, priority, cost, excludePackages, includePackages, moduleHotfixes } = repo;
    return { id, priority, cost, excludePackages, includePackages, moduleHotfixes, baseUrl: baseUrls[0], repomdDigest };
  });
  const advisories = recorded.size === 0 ? undefined : [...recorded];
  return stepId('resolve', { resolverVersion, deciding, advisories, repos });
}

async function askSolver(
  request: ResolveRequest,
  recorded: RecordedAdvisories,
  states: readonly RepoState[],
  sessions: readonly RepoSession[],
  context: Context,
): Promise<Resolution & { warnings: readonly Diagnostic[] }> {
  const indexOf = (id: string): number => states.findIndex((state) => state.repo.id === id);
  const job = await solverJob(request, states, sessions, context.reasons);
  const solving = runSolver(job, {
    signal: context.signal,
    unpack: (repo, record) => unpackRecord(states[indexOf(repo)]!, record, sessions[indexOf(repo)]!),
  });
  context.whileSolving?.();
  const outcome = await solving;
  const { solved, warnings } = checkOutcome(outcome, context.lock, context.places?.packages);
  const packages = solved.packages.map((found) => lockedPackage(found, states[indexOf(found.repo)]!));
  packages.sort((a, b) => compareText(a.name, b.name) || compareText(nevra(a), nevra(b)));
  const lock: PackageLock = {
    kind: 'package-lock',
    version: 1,
    arch: request.arch,
    packages,
    repos: states.map(lockedRepo),
    ...(request.advisories === true ? { advisories: await findAdvisories(packages, recorded, states, sessions) } : {}),
  };
  return { lock, reasons: solved.reasons, warnings };
}

async function solverJob(
  request: ResolveRequest,
  states: readonly RepoState[],
  sessions: readonly RepoSession[],
  reasons: boolean,
): Promise<SolverJob> {
  const modules = await Promise.all(states.map((state, index) => readModules(state, sessions[index]!)));
  const { hidden, active, activeNames } = modularPackages(
    states.flatMap(({ repo: { priority } }, index) => {
      const metadata = modules[index];
      return metadata == null ? [] : [{ priority, metadata }];
    }),
  );
  const repos = states.map(({ repo, repomd }): SolverRepo => {
    // Streams of one repository hide packages of all others, except where `module_hotfixes` says otherwise.
    const modular = !repo.moduleHotfixes;
    return {
      id: repo.id,
      primary: repomd.records.get('primary')!.checksum,
      filelists: repomd.records.get('filelists')?.checksum ?? null,
      priority: repo.priority,
      cost: repo.cost,
      excludePackages: repo.excludePackages,
      includePackages: repo.includePackages,
      onlyLocked: !request.repos.includes(repo.id),
      hiddenModular: modular ? hidden : [],
      activeModular: modular ? { names: activeNames, nevras: active } : { names: [], nevras: [] },
    };
  });
  const { arch, packages, excludePackages, repoPackages, recommends, lock } = request;
  const solvCacheDir = join(request.cacheDir, 'solv');
  return { arch, repos, packages, excludePackages, repoPackages, recommends, lock, solvCacheDir, reasons };
}

function lockedRepo({ repo, repomd: { revision, generated }, repomdDigest }: RepoState): LockedRepo {
  return { id: repo.id, repomdDigest, revision, ...(generated === undefined ? {} : { generated }) };
}

function lockedPackage(found: SolvedPackage, state: RepoState): LockedPackage {
  const version = parseEvr(found.evr);
  if (version === undefined) throw new Error(`${found.name} has the odd version ${found.evr}`);
  const { name, arch, checksum, size, repo, location, sourcerpm } = found;
  const url = URL.canParse(location) ? location : `${state.baseUrls[0]}/${encodePath(location)}`;
  const source = sourcerpm === undefined ? {} : { sourcerpm };
  return { name, ...version, arch, checksum, size, repo, url, ...source };
}

/** Locations are plain paths; `+` and `~` stay as they are, because some servers do not decode them. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%2B', '+'))
    .join('/');
}

async function withSessions<T>(
  repos: readonly RepoConfig[],
  request: ResolveRequest,
  signal: AbortSignal,
  work: (sessions: RepoSession[]) => Promise<T>,
  opened: RepoSession[] = [],
): Promise<T> {
  const [first, ...rest] = repos;
  if (first === undefined) return await work(opened);
  return await withSession(first, request.cacheDir, signal, (session) =>
    withSessions(rest, request, signal, work, [...opened, session]),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
