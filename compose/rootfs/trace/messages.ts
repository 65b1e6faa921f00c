// What the threads of tracer.ts say to each other.

import type { RunOptions, RunResult } from '../../../lib/run.ts';
import type { SerializedError } from '../../../lib/serialized-error.ts';
import type { Trace } from './record.ts';

/** Those of `run` that matter to one program. */
export type TracedOptions = Pick<RunOptions, 'input' | 'logFile'>;

/** To the starting thread. */
export type RunRequest =
  | { readonly type: 'run'; readonly argv: readonly string[]; readonly options: TracedOptions }
  | { readonly type: 'abort' };

/** From it. */
export type RunMessage =
  | { readonly type: 'ready'; readonly listener: number; readonly thread: number }
  | { readonly type: 'impossible'; readonly reason: string }
  | { readonly type: 'ended'; readonly result: RunResult }
  | { readonly type: 'failed'; readonly error: SerializedError };

/** What the watching thread is started with. */
export interface WatchInput {
  readonly listener: number;
  /** Id of the starting thread. */
  readonly thread: number;
}

/** From the watching thread: first that it is there, then the trace of one program after the other. */
export type WatchMessage = { readonly type: 'watching' } | { readonly type: 'trace'; readonly trace: Trace };

/** A path that the starting thread asks for when a program has ended, so that the watching one knows: calls are in order. */
export const endOfTrace = '/.slipway-end-of-trace';
