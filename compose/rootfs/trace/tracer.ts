// Runs sandboxed programs and tells what they looked at. Two worker threads take part: one starts the programs, the other answers the kernel,
// which stops them at each call that names a file. docs/decisions/0003-results.md.

import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { quoteCommand } from '../../../lib/command-line.ts';
import { type RunResult, run } from '../../../lib/run.ts';
import { deserializeError } from '../../../lib/serialized-error.ts';
import type { EngineContext } from '../../context.ts';
import type { RunMessage, RunRequest, TracedOptions, WatchInput, WatchMessage } from './messages.ts';
import type { Trace } from './record.ts';
import { closeListener } from './seccomp.ts';

export interface Tracer {
  /** Starts the threads, which takes a moment: `run` does so, too. */
  prepare(): void;
  /**
   * Runs a sandboxed program (`sandboxArgv`), one at a time; errors are those of `run`.
   * @returns null as trace where the machine does not let programs be traced
   */
  run(argv: readonly string[], options: TracedOptions): Promise<{ result: RunResult; trace: Trace | null }>;
  close(): Promise<void>;
}

export function tracer(context: EngineContext): Tracer {
  let threads: Promise<Threads | null> | undefined;
  const started = (): Promise<Threads | null> => {
    threads ??= startThreads().catch((error: Error) => {
      context.events.info(
        `programs cannot be traced here, so scriptlets and dracut run in every compose: ${error.message}`,
      );
      return null;
    });
    return threads;
  };
  return {
    prepare: () => void started(),
    async run(argv, options) {
      const ready = await started();
      if (ready === null) return { result: await run(argv, { ...context.runOptions, ...options }), trace: null };
      context.signal.throwIfAborted();
      context.events.emit({ type: 'command', command: quoteCommand(argv) });
      return ready.run(argv, options, context.signal);
    },
    async close() {
      await (await threads)?.close();
    },
  };
}

interface Threads {
  run(
    argv: readonly string[],
    options: TracedOptions,
    signal: AbortSignal,
  ): Promise<{ result: RunResult; trace: Trace }>;
  close(): Promise<void>;
}

async function startThreads(): Promise<Threads> {
  // Threads that Node makes for file work are its first user's: they must not be the traced thread's.
  await readFile('/dev/null');
  const starter = thread('./run-traced.ts');
  const ready = await nextMessage<RunMessage>(starter);
  if (ready.type !== 'ready') {
    await starter.terminate();
    throw new Error(ready.type === 'impossible' ? ready.reason : `unexpected ${ready.type}`);
  }
  const { listener, thread: id } = ready;
  const watcher = thread('./watch-calls.ts', { listener, thread: id });
  goOnWithout(watcher, listener);
  await nextMessage<WatchMessage>(watcher);
  return {
    async run(argv, options, signal) {
      const abort = (): void => starter.postMessage({ type: 'abort' } satisfies RunRequest);
      signal.addEventListener('abort', abort, { once: true });
      try {
        const answers = Promise.all([nextMessage<RunMessage>(starter), nextMessage<WatchMessage>(watcher)]);
        starter.postMessage({ type: 'run', argv, options } satisfies RunRequest);
        const [ended, watched] = await answers;
        if (ended.type === 'failed') throw deserializeError(ended.error);
        if (ended.type !== 'ended' || watched.type !== 'trace') throw new Error(`unexpected ${ended.type}`);
        return { result: ended.result, trace: watched.trace };
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    async close() {
      await starter.terminate(); // needs the other to the end: it, too, may look for files
      await watcher.terminate();
    },
  };
}

/**
 * Once nobody answers any more, whoever waits at a call must go on, which the end of the listener sees to: else the starting thread waits for ever,
 * and the end of this process for that thread.
 */
function goOnWithout(watcher: Worker, listener: number): void {
  const close = (): void => {
    watcher.off('exit', close);
    process.off('exit', close);
    closeListener(listener);
  };
  watcher.once('exit', close);
  process.once('exit', close); // comes before threads are ended
}

function thread(module: string, workerData?: WatchInput): Worker {
  // What they make is garbage at once: without a limit each would let tens of megabytes of it come together.
  const resourceLimits = { maxYoungGenerationSizeMb: 8 };
  // Node would have a warning about each descriptor that C functions opened, with a stack trace, and nobody to tell it.
  const trackUnmanagedFds = false;
  return new Worker(new URL(module, import.meta.url), { workerData, resourceLimits, trackUnmanagedFds });
}

function nextMessage<Message>(worker: Worker): Promise<Message> {
  return new Promise((resolve, reject) => {
    worker.ref();
    const settle = (end: () => void): void => {
      worker.unref(); // one that is idle keeps no process from its end
      worker.off('message', onMessage);
      worker.off('error', onError);
      end();
    };
    const onMessage = (message: Message): void => settle(() => resolve(message));
    const onError = (error: unknown): void => settle(() => reject(error));
    worker.on('message', onMessage);
    worker.on('error', onError);
  });
}
