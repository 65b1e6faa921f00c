// The child's side of runInNamespace: waits until its ids are mapped, loads one module, runs its `main`, and reports. When the parent is gone
// (stdin ends) it stops too, so that a killed parent leaves nothing running.

import { Events } from './events.ts';
import { readJsonLines } from './json-lines.ts';
import type { WorkerMain, WorkerMessage } from './namespace.ts';
import { serializeError } from './serialized-error.ts';

type ParentMessage =
  | { readonly type: 'load'; readonly module: string }
  | { readonly type: 'start'; readonly input: unknown }
  | { readonly type: 'abort' };

// What is made has the same modes whoever makes it: a caller's umask of 077 would shut the users of a host out of its /var.
process.umask(0o022);

interface WorkerModule {
  readonly main: WorkerMain<unknown, unknown>;
}

let loading: Promise<WorkerModule>;
const controller = new AbortController();
const events = new Events();
events.listen((event) => send({ type: 'event', event }));

readJsonLines(process.stdin, (message) => {
  const received = message as ParentMessage;
  if (received.type === 'abort') controller.abort();
  else if (received.type === 'load') {
    loading = import(received.module) as Promise<WorkerModule>;
    loading.catch(() => {}); // told when the work starts
  } else void work(received.input);
});
process.stdin.on('end', () => {
  controller.abort();
  setTimeout(() => process.exit(1), 2_000).unref();
});
process.stdout.on('error', () => process.exit(1));
send({ type: 'ready' });

async function work(input: unknown): Promise<void> {
  let message: WorkerMessage;
  try {
    const { main } = await loading;
    message = { type: 'result', result: (await main(input, { events, signal: controller.signal })) ?? null };
  } catch (error) {
    message = { type: 'error', error: serializeError(error) };
  }
  process.stdout.write(`${JSON.stringify(message)}\n`, () => process.exit(0));
}

function send(message: WorkerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
