// Which packages the solver must not see, and why: lock, exclude-packages, excludepkgs and includepkgs of a repository, repo-packages,
// modules. They are taken out before solving, so a dependency on one of them is an error and never a silent exception.

import { nearestNames } from '../../../lib/near-miss.ts';
import type { LockConstraint } from '../request.ts';
import type { AvailablePackage, FilteredPackage, MissingLocked, SolverJob, SolverRepo } from './job.ts';
import type { Id } from './library.ts';
import type { Pool } from './pool.ts';
import { selectPackages } from './select.ts';

export interface Filters {
  /** Reason for each package that is filtered out; fits behind "NEVRA is". */
  readonly removed: ReadonlyMap<Id, string>;
  /** Lock constraints that match no package of any repository. */
  readonly missingLocked: readonly MissingLocked[];
}

export function computeFilters(pool: Pool, job: SolverJob): Filters {
  const removed = new Map<Id, string>();
  if (!hasFilters(job)) return { removed, missingLocked: [] };
  pool.ensureIndexed();
  const remove = (ids: Iterable<Id>, reason: string): void => {
    for (const id of ids) if (!removed.has(id)) removed.set(id, reason);
  };
  const missingLocked = filterByLock(pool, job, remove);
  for (const pattern of job.excludePackages) {
    remove(selectPackages(pool, pattern), 'excluded by exclude-packages');
  }
  for (const { repo, packages } of pool.repos) {
    filterByRepo(pool, repo, packages, remove);
  }
  for (const { repo, packages } of job.repoPackages) {
    const pinned = new Set(packages.flatMap((pattern) => selectPackages(pool, pattern)).map((id) => pool.name(id)));
    for (const name of pinned) {
      const others = selectPackages(pool, name).filter((id) => pool.name(id) === name && pool.repoOf(id).id !== repo);
      remove(others, `pinned to the repository ${repo} by repo-packages`);
    }
  }
  return { removed, missingLocked };
}

/** Of these packages the filtered ones. */
export function filteredAmong(pool: Pool, { removed }: Filters, ids: readonly Id[]): FilteredPackage[] {
  return ids.flatMap((id) => {
    const reason = removed.get(id);
    return reason === undefined ? [] : [{ name: pool.name(id), package: pool.nevra(id), reason }];
  });
}

/** Whether some package may have to be taken out. */
export function hasFilters(job: SolverJob): boolean {
  const ofRepo = ({
    excludePackages,
    includePackages,
    hiddenModular,
    activeModular,
    onlyLocked,
  }: SolverRepo): boolean =>
    onlyLocked ||
    [excludePackages, includePackages, hiddenModular, activeModular.names].some((list) => list.length > 0);
  return job.lock !== null || job.excludePackages.length > 0 || job.repoPackages.length > 0 || job.repos.some(ofRepo);
}

type Remove = (ids: Iterable<Id>, reason: string) => void;

function filterByLock(pool: Pool, job: SolverJob, remove: Remove): MissingLocked[] {
  const { lock } = job;
  if (lock === null) return [];
  const allowed = new Set<Id>();
  const missing: MissingLocked[] = [];
  const byName = Map.groupBy(lock.constraints, (constraint) => constraint.name);
  for (const [name, constraints] of byName) {
    const candidates = selectPackages(pool, name).filter((id) => pool.name(id) === name);
    for (const constraint of constraints) {
      const fitting = candidates.filter((id) => satisfies(pool, id, constraint));
      for (const id of fitting) allowed.add(id);
      if (fitting.length > 0) continue;
      const available = candidates.length > 0 ? candidates : packagesOfNearestNames(pool, name);
      missing.push({ ...constraint, available: available.map((id) => availablePackage(pool, id)) });
    }
    const refused = candidates.filter((id) => !allowed.has(id));
    const sameVersion = (id: Id): boolean => constraints.some((constraint) => hasVersion(pool, id, constraint));
    remove(refused.filter(sameVersion), 'locked with another digest by the lock file');
    remove(refused, 'locked to another version by the lock file');
  }
  for (const { repo, packages } of pool.repos) {
    if (!lock.strict && !repo.onlyLocked) continue;
    const reason = lock.strict ? 'not in the lock file' : `not in the lock file, which ${repo.id} only serves`;
    remove(
      packages.filter((id) => !allowed.has(id)),
      reason,
    );
  }
  return missing;
}

function filterByRepo(pool: Pool, repo: SolverRepo, packages: readonly Id[], remove: Remove): void {
  const ofRepo = (patterns: readonly string[]): Id[] =>
    patterns.flatMap((pattern) => selectPackages(pool, pattern)).filter((id) => pool.repoOf(id).id === repo.id);
  if (repo.includePackages.length > 0) {
    const included = new Set(ofRepo(repo.includePackages));
    remove(
      packages.filter((id) => !included.has(id)),
      `not in includepkgs of the repository ${repo.id}`,
    );
  }
  remove(ofRepo(repo.excludePackages), `excluded by excludepkgs of the repository ${repo.id}`);
  filterByModules(pool, repo, packages, remove);
}

function filterByModules(pool: Pool, repo: SolverRepo, packages: readonly Id[], remove: Remove): void {
  if (repo.hiddenModular.length === 0 && repo.activeModular.names.length === 0) return;
  const hidden = new Set(repo.hiddenModular);
  const active = new Set(repo.activeModular.nevras);
  const owned = new Set(repo.activeModular.names);
  for (const id of packages) {
    const nevra = withEpoch(pool, id);
    if (active.has(nevra)) continue;
    if (hidden.has(nevra)) remove([id], 'in a module stream that is not the default one');
    else if (owned.has(pool.name(id))) remove([id], 'hidden by the default stream of a module');
  }
}

function satisfies(pool: Pool, id: Id, constraint: LockConstraint): boolean {
  if (!hasVersion(pool, id, constraint)) return false;
  if (constraint.checksum === undefined) return true;
  const own = pool.checksum(id);
  return constraint.checksum === `${own.type}:${own.value}`;
}

function hasVersion(pool: Pool, id: Id, { arch, evr }: LockConstraint): boolean {
  if (arch !== undefined && pool.arch(id) !== arch) return false;
  return evr === undefined || pool.evr(id).replace(/^0:/, '') === evr.replace(/^0:/, '');
}

function packagesOfNearestNames(pool: Pool, name: string): Id[] {
  const all = pool.repos.flatMap(({ packages }) => packages);
  const near = new Set(nearestNames(name, new Set(all.map((id) => pool.name(id)))));
  return all.filter((id) => near.has(pool.name(id)));
}

function availablePackage(pool: Pool, id: Id): AvailablePackage {
  const { type, value } = pool.checksum(id);
  return { name: pool.name(id), evr: pool.evr(id), arch: pool.arch(id), checksum: `${type}:${value}` };
}

/** Module documents always write the epoch. */
function withEpoch(pool: Pool, id: Id): string {
  const evr = pool.evr(id);
  return `${pool.name(id)}-${evr.includes(':') ? evr : `0:${evr}`}.${pool.arch(id)}`;
}
