// Worker thread of tracer.ts in which traced programs are started: a filter of system calls belongs to a thread and to the processes that it
// starts, so the rest of this process goes on undisturbed.

import { accessSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { run } from '../../../lib/run.ts';
import { serializeError } from '../../../lib/serialized-error.ts';
import { architectureOf } from './calls.ts';
import { endOfTrace, type RunMessage, type RunRequest, type TracedOptions } from './messages.ts';
import { traceThisThread } from './seccomp.ts';

const port = parentPort!;
const say = (message: RunMessage): void => port.postMessage(message);
let controller = new AbortController();

port.on('message', (request: RunRequest) => {
  if (request.type === 'abort') controller.abort();
  else void start(request.argv, request.options);
});

async function start(argv: readonly string[], options: TracedOptions): Promise<void> {
  controller = new AbortController();
  const { signal } = controller;
  const message = await run(argv, { ...options, signal }).then(
    (result): RunMessage => ({ type: 'ended', result }),
    (error: unknown): RunMessage => ({ type: 'failed', error: serializeError(error) }),
  );
  try {
    accessSync(endOfTrace); // tells the watching thread, in order with the program's own calls
  } catch {
    // It does not exist.
  }
  say(message);
}

try {
  const architecture = architectureOf(process.arch);
  if (architecture === null) throw new Error(`the system calls of ${process.arch} are not known`);
  say({ type: 'ready', ...traceThisThread(architecture) });
} catch (error) {
  say({ type: 'impossible', reason: (error as Error).message });
}
