// Process of test/lib/worker-pool.test.ts.

import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../lib/errors.ts';
import { serveJobs } from '../../lib/worker-pool.ts';

export type PoolJob =
  | { readonly say: string; readonly afterMs?: number }
  | { readonly fail: string }
  | { readonly exit: number };

serveJobs(async (job: PoolJob, { prefix }: { readonly prefix: string }): Promise<string> => {
  if ('fail' in job) throw new UserError(job.fail, 'a sentence');
  if ('exit' in job) process.exit(job.exit);
  if (job.afterMs !== undefined) await sleep(job.afterMs);
  return `${prefix}${job.say}`;
});
