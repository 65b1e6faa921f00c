// The child process that holds libsolv: gets one job over IPC, asks for metadata that is not in the cache, sends one outcome, ends.
// A fault in C code ends this process and not the program.

import { serializeError } from '../../../lib/namespace.ts';
import { nearestNames } from '../../../lib/near-miss.ts';
import { computeFilters, type Filters, filteredAmong } from './filter.ts';
import type {
  ChildMessage,
  ParentMessage,
  SolverAnswer,
  SolverJob,
  SolverOutcome,
  SolverProblem,
  SolverRepo,
  UnmatchedRequest,
} from './job.ts';
import { type Id, type Libsolv, loadLibsolv } from './library.ts';
import { Pool, type RecordSource } from './pool.ts';
import { packageReasons } from './reasons.ts';
import { selectProviders, selectRequest, solvables } from './select.ts';
import { selectRequests, solve, type UnexplainedProblem } from './solve.ts';

let receiveRecord: ((path: string) => void) | undefined;

process.on('message', (message: ParentMessage) => {
  if (message.type === 'record') receiveRecord?.(message.path);
  else void work(message.job);
});
process.on('disconnect', () => process.exit(1));
send({ type: 'ready' });

async function work(job: SolverJob): Promise<void> {
  let last: ChildMessage;
  try {
    last = { type: 'outcome', outcome: await resolve(job) };
  } catch (error) {
    last = { type: 'failed', error: serializeError(error) };
  }
  process.send!(last, () => process.exit(0));
}

async function resolve(job: SolverJob): Promise<SolverOutcome> {
  const { functions, version } = loadLibsolv();
  const cacheDir = `${job.solvCacheDir}/${version}`;
  const { pool, filters } = await loadPool(functions, job, cacheDir);
  try {
    return { ...(await answer(functions, job, cacheDir, { pool, filters })), missingLocked: filters.missingLocked };
  } finally {
    pool.free();
  }
}

interface FilteredPool {
  readonly pool: Pool;
  readonly filters: Filters;
}

async function answer(
  functions: Libsolv,
  job: SolverJob,
  cacheDir: string,
  { pool, filters }: FilteredPool,
): Promise<SolverAnswer> {
  pool.remove(new Set(filters.removed.keys()));
  send({ type: 'stage', stage: 'solving' });
  await pool.prepare(job.packages, needRecord);
  const { selected, unmatched } = selectRequests(pool, job);
  if (unmatched.length > 0) {
    return await explained(functions, job, cacheDir, (full, reasons) => ({
      type: 'unmatched',
      requests: unmatched.map((request) => explainUnmatched(full, reasons, request)),
    }));
  }
  const solution = solve(pool, selected, job.recommends);
  if (solution.type === 'unsolvable') {
    return await explained(functions, job, cacheDir, (full, reasons) => ({
      type: 'unsolvable',
      problems: solution.problems.map((problem) => explainProblem(full, reasons, problem)),
    }));
  }
  const reasons = job.reasons ? packageReasons(pool, solution.ids, selected) : [];
  return { type: 'solved', packages: solution.packages, reasons };
}

async function loadPool(functions: Libsolv, job: SolverJob, cacheDir: string): Promise<FilteredPool> {
  const pool = new Pool(functions, job.arch, cacheDir);
  for (const repo of job.repos) {
    send({ type: 'stage', stage: 'reading', repo: repo.id });
    await pool.addRepo(repo, needRecord);
  }
  send({ type: 'stage', stage: 'filtering' });
  return { pool, filters: computeFilters(pool, job) };
}

/** Failures are explained on a second pool from which nothing was removed, so that filtered packages can be named. */
async function explained(
  functions: Libsolv,
  job: SolverJob,
  cacheDir: string,
  explain: (pool: Pool, filters: Filters) => SolverAnswer,
): Promise<SolverAnswer> {
  const { pool, filters } = await loadPool(functions, job, cacheDir);
  try {
    pool.ensureIndexed();
    return explain(pool, filters);
  } finally {
    pool.free();
  }
}

function explainUnmatched(
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

function explainProblem(pool: Pool, filters: Filters, problem: UnexplainedProblem): SolverProblem {
  const filtered = problem.missing.flatMap((dependency) =>
    filteredAmong(pool, filters, selectProviders(pool, dependency)).map((found) => ({ ...found, dependency })),
  );
  return { ...problem, filtered };
}

const needRecord: RecordSource = (repo: SolverRepo, record) =>
  new Promise((resolvePath) => {
    receiveRecord = resolvePath;
    send({ type: 'need', repo: repo.id, record });
  });

function send(message: ChildMessage): void {
  process.send!(message);
}
