// The child process that holds libsolv: gets one job from its parent, asks for metadata that is not in the cache, sends one outcome, ends.
// A fault in C code ends this process and not the program. What only failures need is loaded when something fails.

import { flushCompileCache } from 'node:module';
import { computeFilters, type Filters, hasFilters } from './filter.ts';
import type { ChildMessage, ParentMessage, SolverAnswer, SolverJob, SolverOutcome, SolverRepo } from './job.ts';
import { type Libsolv, loadLibsolv } from './library.ts';
import { receive, send } from './parent-line.ts';
import { isInPrimary, Pool, type RecordSource } from './pool.ts';
import { type PoolContent, readRecent, writeRecent } from './recent.ts';
import { selectRequests, solve } from './solve.ts';

// Before the job is awaited: a child that is started early has at hand what its job will most likely need.
const libsolv = attempt(loadLibsolv);
const recent = await loadRecent(process.argv[2]).catch(() => undefined);
const { job } = receive() as Extract<ParentMessage, { type: 'job' }>;
let last: ChildMessage;
try {
  last = { type: 'outcome', outcome: await resolve(job) };
} catch (error) {
  const { serializeError } = await import('../../../lib/serialized-error.ts');
  last = { type: 'failed', error: serializeError(error) };
}
flushCompileCache(); // the parent does not wait for our end, and nothing is to be written after its own
send(last);
// The pool goes with the process: giving its memory back piece by piece takes longer.
process.exit(0);

async function resolve(job: SolverJob): Promise<SolverOutcome> {
  const { functions, version } = libsolv();
  const cacheDir = `${job.solvCacheDir}/${version}`;
  const content = hasFilters(job) ? undefined : JSON.stringify(poolContent(job));
  const isRecent = recent !== undefined && recent.cacheDir === cacheDir && recent.content === content;
  const { pool, filters } =
    isRecent && job.packages.every(isInRecentPool)
      ? { pool: recent.pool, filters: computeFilters(recent.pool, job) }
      : await loadPool(functions, job, cacheDir);
  if (content !== undefined && !isRecent) await writeRecent(cacheDir, content);
  return { ...(await answer(functions, job, cacheDir, { pool, filters })), missingLocked: filters.missingLocked };
}

function poolContent({ arch, repos }: SolverJob): PoolContent {
  return { arch, repos };
}

/** File lists are not in it. */
function isInRecentPool(request: string): boolean {
  return !request.startsWith('/') || isInPrimary(request);
}

/** The pool of the last job, made ready before the next one is known. Undefined where that would need more than parsed metadata. */
async function loadRecent(
  solvCacheDir: string | undefined,
): Promise<{ cacheDir: string; content: string; pool: Pool } | undefined> {
  if (solvCacheDir === undefined) return undefined;
  const { functions, version } = libsolv();
  const cacheDir = `${solvCacheDir}/${version}`;
  const content = readRecent(cacheDir);
  if (content === undefined) return undefined;
  const { arch, repos } = JSON.parse(content) as PoolContent;
  const fromCache: RecordSource = () => {
    throw new Error('the metadata was not parsed yet');
  };
  const pool = new Pool(functions, arch, cacheDir);
  for (const repo of repos) await pool.addRepo(repo, fromCache);
  await pool.prepare([], fromCache);
  return { cacheDir, content, pool };
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
  if (!pool.isPrepared) await pool.prepare(job.packages, needRecord);
  const { selected, unmatched } = selectRequests(pool, job);
  if (unmatched.length > 0) {
    return await explained(functions, job, cacheDir, (full, reasons, { explainUnmatched }) => ({
      type: 'unmatched',
      requests: unmatched.map((request) => explainUnmatched(full, reasons, request)),
    }));
  }
  const solution = solve(pool, selected, job.recommends);
  if (solution.type === 'unsolvable') {
    return await explained(functions, job, cacheDir, (full, reasons, { explainProblem }) => ({
      type: 'unsolvable',
      problems: solution.problems.map((problem) => explainProblem(full, reasons, problem)),
    }));
  }
  if (!job.reasons) return { type: 'solved', packages: solution.packages, reasons: [] };
  const { packageReasons } = await import('./reasons.ts');
  return { type: 'solved', packages: solution.packages, reasons: packageReasons(pool, solution.ids, selected) };
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
  explain: (pool: Pool, filters: Filters, explanations: typeof import('./explain-failure.ts')) => SolverAnswer,
): Promise<SolverAnswer> {
  const { pool, filters } = await loadPool(functions, job, cacheDir);
  pool.ensureIndexed();
  return explain(pool, filters, await import('./explain-failure.ts'));
}

function needRecord(repo: SolverRepo, record: Parameters<RecordSource>[1]): string {
  send({ type: 'need', repo: repo.id, record });
  return (receive() as Extract<ParentMessage, { type: 'record' }>).path;
}

/** What the work gives or throws, for later. */
function attempt<T>(work: () => T): () => T {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
