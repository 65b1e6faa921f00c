// What a request or a dependency that cannot be fulfilled has to do with packages that were filtered out. Works on a pool that has them still.

import { nearestNames } from '../../../lib/near-miss.ts';
import { type Filters, filteredAmong } from './filter.ts';
import type { SolverProblem, UnmatchedRequest } from './job.ts';
import type { Id } from './library.ts';
import type { Pool } from './pool.ts';
import { selectProviders, selectRequest, solvables } from './select.ts';
import type { UnexplainedProblem } from './solve.ts';

/** The packages that would match if they were not filtered out, or names that are near. */
export function explainUnmatched(
  pool: Pool,
  filters: Filters,
  { request, repo }: Pick<UnmatchedRequest, 'request' | 'repo'>,
): UnmatchedRequest {
  const offered = (id: Id): boolean => repo === undefined || pool.repoOf(id).id === repo;
  const ids = solvables(pool, selectRequest(pool, request)).filter(offered);
  const filtered = filteredAmong(pool, filters, ids);
  const all = pool.repos.flatMap((row) => row.packages).filter(offered);
  const known = new Set(all.map((id) => pool.name(id)));
  const name = /^[^\s<>=]+/.exec(request)?.[0] ?? request;
  const near = filtered.length > 0 ? [] : nearestNames(name, known);
  return { request, ...(repo === undefined ? {} : { repo }), filtered, near };
}

/** The problem with filtered packages that would solve it. */
export function explainProblem(pool: Pool, filters: Filters, problem: UnexplainedProblem): SolverProblem {
  const filtered = problem.missing.flatMap((dependency) =>
    filteredAmong(pool, filters, selectProviders(pool, dependency)).map((found) => ({ ...found, dependency })),
  );
  return { ...problem, filtered };
}
