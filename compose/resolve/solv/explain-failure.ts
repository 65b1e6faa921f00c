// What a request or a dependency that cannot be fulfilled has to do with packages that were filtered out. Works on a pool that has them still.

import { nearestNames } from '../../../lib/near-miss.ts';
import { compareVersions, type PackageVersion, parseEvr } from '../../../lib/rpm/compare-versions.ts';
import { requestNames } from '../../treefile/request-names.ts';
import { type Filters, filteredAmong } from './filter.ts';
import type { SolverProblem, UnmatchedRequest } from './job.ts';
import type { Id } from './library.ts';
import type { Pool } from './pool.ts';
import { selectProviders, selectRequest, solvables, whyNoRequest } from './select.ts';
import type { UnexplainedProblem } from './solve.ts';

/** The packages that would match if they were not filtered out, or those of the same name, or names that are near. */
export function explainUnmatched(
  pool: Pool,
  filters: Filters,
  { request, repo }: Pick<UnmatchedRequest, 'request' | 'repo'>,
): UnmatchedRequest {
  const offered = (id: Id): boolean => repo === undefined || pool.repoOf(id).id === repo;
  const asked = { request, ...(repo === undefined ? {} : { repo }) };
  const unreadable = whyNoRequest(pool, request);
  if (unreadable !== null) return { ...asked, unreadable, filtered: [], available: [], near: [] };
  const ids = solvables(pool, selectRequest(pool, request)).filter(offered);
  const filtered = filteredAmong(pool, filters, ids);
  if (filtered.length > 0) return { ...asked, filtered, available: [], near: [] };
  const byName = Map.groupBy(pool.repos.flatMap((row) => row.packages).filter(offered), (id) => pool.name(id));
  const named = [...byName].flatMap(([name, packages]) => (requestNames(request, name) ? packages : []));
  if (named.length > 0) return { ...asked, filtered, available: newestFirst(pool, named), near: [] };
  const name = /^[^\s<>=]+/.exec(request)?.[0] ?? request;
  return { ...asked, filtered, available: [], near: nearestNames(name, byName.keys()) };
}

/** NEVRAs; a package of several repositories once. */
function newestFirst(pool: Pool, ids: readonly Id[]): string[] {
  const versionOf = (id: Id): PackageVersion => parseEvr(pool.evr(id)) ?? { epoch: 0, version: '', release: '' };
  const sorted = ids.toSorted((a, b) => compareVersions(versionOf(b), versionOf(a)));
  return [...new Set(sorted.map((id) => pool.nevra(id)))];
}

/** The problem with filtered packages that would solve it. */
export function explainProblem(pool: Pool, filters: Filters, problem: UnexplainedProblem): SolverProblem {
  const filtered = problem.missing.flatMap((dependency) =>
    filteredAmong(pool, filters, selectProviders(pool, dependency)).map((found) => ({ ...found, dependency })),
  );
  return { ...problem, filtered };
}
