// Work for several processors: jobs that do not know of each other, in a few processes of one module, each of which does one after the other.
// In threads, the memory of the jobs would stay with this process.

import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { baseEnvironment } from './base-environment.ts';
import { Cancelled } from './errors.ts';
import { deserializeError, type SerializedError, serializeError } from './serialized-error.ts';

/** The disk gives no more than a few are able to take, and each has memory of its own. */
const mostProcesses = 4;

/** What became of a job. */
export type JobOutcome<Result> = { readonly result: Result } | { readonly error: Error };

interface JobMessage<Setting, Job> {
  readonly setting: Setting;
  readonly number: number;
  readonly job: Job;
}

interface DoneMessage<Result> {
  readonly number: number;
  readonly outcome: { readonly result: Result } | { readonly error: SerializedError };
}

/**
 * Has each job done, the first ones first. Setting, jobs and results must survive JSON.
 * @param module calls `serveJobs`
 * @param setting given with each job
 * @param onDone called after each
 * @returns the outcomes in the order of the jobs
 * @throws Cancelled when the signal fires; no process is left then either
 */
export async function runJobs<Setting, Job, Result>(
  module: URL,
  setting: Setting,
  jobs: readonly Job[],
  { signal, onDone }: { readonly signal: AbortSignal; readonly onDone?: () => void },
): Promise<JobOutcome<Result>[]> {
  signal.throwIfAborted();
  const outcomes: JobOutcome<Result>[] = [];
  const waiting = jobs.entries();
  const length = Math.min(availableParallelism(), mostProcesses, jobs.length);
  const workers = Array.from({ length }, () => startWorker(module));
  const work = ({ child }: PoolWorker): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveNext = (): void => {
        const { done, value } = waiting.next();
        if (done === true) resolve();
        else child.send({ setting, number: value[0], job: value[1] } satisfies JobMessage<Setting, Job>);
      };
      child.on('message', ({ number, outcome }: DoneMessage<Result>) => {
        outcomes[number] = 'error' in outcome ? { error: deserializeError(outcome.error) } : outcome;
        onDone?.();
        giveNext();
      });
      child.on('error', reject);
      child.on('exit', (status, by) =>
        reject(new Error(`a process of ${module} ended with ${by ?? `status ${status}`}`)),
      );
      giveNext();
    });
  const { promise: cancelled, reject: cancel } = Promise.withResolvers<never>();
  const abort = (): void => cancel(new Cancelled());
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([cancelled, Promise.all(workers.map(work))]);
  } finally {
    signal.removeEventListener('abort', abort);
    for (const { child } of workers) child.kill('SIGKILL');
    await Promise.all(workers.map(({ ended }) => ended));
  }
  return outcomes;
}

interface PoolWorker {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

function startWorker(module: URL): PoolWorker {
  const child = fork(module, { env: baseEnvironment(), execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  return { child, ended };
}

/** The other side: does each job that comes, and ends when the process that has them is gone. */
export function serveJobs<Setting, Job, Result>(work: (job: Job, setting: Setting) => Promise<Result>): void {
  process.on('disconnect', () => process.exit(1));
  process.on('message', async ({ setting, number, job }: JobMessage<Setting, Job>) => {
    const outcome = await work(job, setting).then(
      (result) => ({ result }),
      (error: unknown) => ({ error: serializeError(error) }),
    );
    process.send!({ number, outcome } satisfies DoneMessage<Result>);
  });
}
