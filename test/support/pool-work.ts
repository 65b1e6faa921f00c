// Thread of test/lib/worker-pool.test.ts.

import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { UserError } from '../../lib/errors.ts';
import { serveJobs } from '../../lib/worker-pool.ts';

export type PoolJob =
  | { readonly say: string; readonly afterMs?: number }
  | { readonly fail: string }
  | { readonly exit: number };

serveJobs(async (job: PoolJob): Promise<string> => {
  if ('fail' in job) throw new UserError(job.fail, 'a sentence');
  if ('exit' in job) process.exit(job.exit);
  if (job.afterMs !== undefined) await sleep(job.afterMs);
  return `${(workerData as { prefix: string }).prefix}${job.say}`;
});
