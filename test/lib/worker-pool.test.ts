import test from 'ava';
import { Cancelled, UserError } from '../../lib/errors.ts';
import { type JobOutcome, runJobs } from '../../lib/worker-pool.ts';
import type { PoolJob } from '../support/pool-work.ts';

const module = new URL('../support/pool-work.ts', import.meta.url);

function work(jobs: readonly PoolJob[], signal = new AbortController().signal): Promise<JobOutcome<string>[]> {
  return runJobs<{ prefix: string }, PoolJob, string>(module, { prefix: 'did ' }, jobs, { signal });
}

test('runJobs() gives the outcomes in the order of the jobs, and goes on after a failure', async (t) => {
  const outcomes = await work([{ say: 'a', afterMs: 50 }, { say: 'b' }, { fail: 'c' }, { say: 'd' }]);
  const [a, b, c, d] = outcomes;
  t.deepEqual([a, b, d], [{ result: 'did a' }, { result: 'did b' }, { result: 'did d' }]);
  t.true(c !== undefined && 'error' in c && c.error instanceof UserError && c.error.code === 'c');
});

test('runJobs() has nothing to do without jobs', async (t) => {
  t.deepEqual(await work([]), []);
});

test('runJobs() ends all processes when it is cancelled, or when one of them ends by itself', async (t) => {
  const never: PoolJob = { say: 'never', afterMs: 600_000 };
  await t.throwsAsync(work([never, never], AbortSignal.timeout(200)), { instanceOf: Cancelled });
  await t.throwsAsync(work([{ exit: 3 }, never, never]), { message: /pool-work\.ts ended with status 3/ });
});
