// One solver run over a prepared pool: jobs in, packages or problems out. Settings are those of dnf, so that answers are dnf's.

import { describePackage } from './describe.ts';
import type { SolvedPackage, SolverJob, SolverProblem, UnmatchedRequest } from './job.ts';
import type { Id, SolverHandle } from './library.ts';
import type { Pool } from './pool.ts';
import { collect, withQueue } from './queue.ts';
import { type JobPairs, oneOf, selectRequest, solvables, withObsoleters } from './select.ts';

const jobInstall = 0x100;
const jobForceBest = 0x100000;
const solverFlags = {
  allowVendorChange: 3,
  ignoreRecommended: 7,
  bestObeyPolicy: 12,
  keepOrphans: 18,
  yumObsoletes: 21,
  urpmReorder: 23,
};
const ruleNothingProvides = 0x102;
const ruleJobNothingProvides = 0x401;

export interface SelectedRequest {
  readonly request: string;
  readonly pairs: JobPairs;
}

export type Solution =
  | { readonly type: 'solved'; readonly ids: readonly Id[]; readonly packages: readonly SolvedPackage[] }
  | { readonly type: 'unsolvable'; readonly problems: readonly UnexplainedProblem[] };

/** The caller looks for filtered providers of what is missing. */
export type UnexplainedProblem = Omit<SolverProblem, 'filtered'>;

/** What each request matches, in order; those that match nothing are listed apart. */
export function selectRequests(
  pool: Pool,
  job: SolverJob,
): { selected: SelectedRequest[]; unmatched: Pick<UnmatchedRequest, 'request' | 'repo'>[] } {
  pool.requirePrepared();
  const free = job.packages.map((request) => ({ request, pairs: selectRequest(pool, request) }));
  const unmatched: Pick<UnmatchedRequest, 'request' | 'repo'>[] = free.filter(({ pairs }) => pairs.length === 0);
  const widened = withObsoleters(pool, free);
  const selected: SelectedRequest[] = free.map(({ request }, index) => ({ request, pairs: widened[index]! }));
  for (const { repo, packages } of job.repoPackages) {
    for (const request of packages) {
      const ids = solvables(pool, selectRequest(pool, request)).filter((id) => pool.repoOf(id).id === repo);
      if (ids.length === 0) unmatched.push({ request, repo });
      else
        for (const ofName of Map.groupBy(ids, (id) => pool.name(id)).values()) {
          selected.push({ request, pairs: oneOf(pool, ofName) });
        }
    }
  }
  return {
    selected,
    unmatched: unmatched.map(({ request, repo }) => ({ request, ...(repo === undefined ? {} : { repo }) })),
  };
}

export function solve(pool: Pool, requests: readonly SelectedRequest[], recommends: boolean): Solution {
  pool.requirePrepared();
  const { solv } = pool;
  const job: number[] = [];
  for (const { pairs } of requests) {
    for (let at = 0; at < pairs.length; at += 2) job.push(pairs[at]! | jobInstall | jobForceBest, pairs[at + 1]!);
  }
  const solver = solv.solver_create(pool.handle);
  try {
    for (const flag of ['allowVendorChange', 'bestObeyPolicy', 'keepOrphans', 'yumObsoletes', 'urpmReorder'] as const) {
      solv.solver_set_flag(solver, solverFlags[flag], 1);
    }
    solv.solver_set_flag(solver, solverFlags.ignoreRecommended, recommends ? 0 : 1);
    const problemCount = withQueue(solv, job, (queue) => solv.solver_solve(solver, queue));
    if (problemCount !== 0) return { type: 'unsolvable', problems: readProblems(pool, solver) };
    const ids = installedIds(pool, solver);
    return { type: 'solved', ids, packages: ids.map((id) => describePackage(pool, id)) };
  } finally {
    solv.solver_free(solver);
  }
}

function installedIds(pool: Pool, solver: SolverHandle): Id[] {
  const transaction = pool.solv.solver_create_transaction(solver);
  try {
    let count = 0;
    const ids = collect(pool.solv, (queue) => {
      count = pool.solv.transaction_installedresult(transaction, queue);
    });
    return ids.slice(0, count);
  } finally {
    pool.solv.transaction_free(transaction);
  }
}

function readProblems(pool: Pool, solver: SolverHandle): UnexplainedProblem[] {
  const { solv } = pool;
  return Array.from({ length: solv.solver_problem_count(solver) }, (_, index) => {
    const problem = index + 1;
    const details = new Set<string>();
    const missing = new Set<string>();
    for (const rule of collect(solv, (queue) => solv.solver_findallproblemrules(solver, problem, queue))) {
      const [from, to, dependency]: [number][] = [[0], [0], [0]];
      const type = solv.solver_ruleinfo(solver, rule, from!, to!, dependency!);
      details.add(solv.solver_problemruleinfo2str(solver, type, from![0], to![0], dependency![0]));
      if (type === ruleNothingProvides || type === ruleJobNothingProvides) {
        missing.add(solv.pool_dep2str(pool.handle, dependency![0]));
      }
    }
    return { summary: solv.solver_problem2str(solver, problem), details: [...details], missing: [...missing] };
  });
}
