// What every part of the engine is given besides its input.

import type { Events } from '../lib/events.ts';
import type { RunOptions } from '../lib/run.ts';

export interface EngineContext {
  readonly events: Events;
  readonly signal: AbortSignal;
  /** For `run()`: events and signal, ready to spread. */
  readonly runOptions: RunOptions;
}

export function engineContext(tools: { events: Events; signal: AbortSignal }): EngineContext {
  return { ...tools, runOptions: { events: tools.events, signal: tools.signal } };
}
