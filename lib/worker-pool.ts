// Work for several processors: jobs that do not know of each other, on a few threads of one module, each of which does one after the other.

import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { Cancelled } from './errors.ts';
import { deserializeError, type SerializedError, serializeError } from './serialized-error.ts';

/** What became of a job. */
export type JobOutcome<Result> = { readonly result: Result } | { readonly error: Error };

interface JobMessage<Job> {
  readonly number: number;
  readonly job: Job;
}

interface DoneMessage<Result> {
  readonly number: number;
  readonly outcome: { readonly result: Result } | { readonly error: SerializedError };
}

/**
 * Has each job done, the first ones first.
 * @param module calls `serveJobs`; its `workerData` is `setting`
 * @param onDone called after each
 * @returns the outcomes in the order of the jobs
 * @throws Cancelled when the signal fires; no thread is left then either
 */
export async function runJobs<Job, Result>(
  module: URL,
  setting: unknown,
  jobs: readonly Job[],
  { signal, onDone }: { readonly signal: AbortSignal; readonly onDone?: () => void },
): Promise<JobOutcome<Result>[]> {
  signal.throwIfAborted();
  const outcomes: JobOutcome<Result>[] = [];
  const waiting = jobs.entries();
  const count = Math.min(availableParallelism(), jobs.length);
  const threads = Array.from({ length: count }, () => new Worker(module, { workerData: setting }));
  const work = (thread: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveNext = (): void => {
        const { done, value } = waiting.next();
        if (done === true) resolve();
        else thread.postMessage({ number: value[0], job: value[1] } satisfies JobMessage<Job>);
      };
      thread.on('message', ({ number, outcome }: DoneMessage<Result>) => {
        outcomes[number] = 'error' in outcome ? { error: deserializeError(outcome.error) } : outcome;
        onDone?.();
        giveNext();
      });
      thread.on('error', reject);
      thread.on('exit', (status) => reject(new Error(`a thread of ${module} ended with status ${status}`)));
      giveNext();
    });
  const { promise: cancelled, reject: cancel } = Promise.withResolvers<never>();
  const abort = (): void => cancel(new Cancelled());
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([cancelled, Promise.all(threads.map(work))]);
  } finally {
    signal.removeEventListener('abort', abort);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return outcomes;
}

/** The thread's side. */
export function serveJobs<Job, Result>(work: (job: Job) => Promise<Result>): void {
  parentPort!.on('message', async ({ number, job }: JobMessage<Job>) => {
    const outcome = await work(job).then(
      (result) => ({ result }),
      (error: unknown) => ({ error: serializeError(error) }),
    );
    parentPort!.postMessage({ number, outcome } satisfies DoneMessage<Result>);
  });
}
