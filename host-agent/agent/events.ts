// What watchers of the agent hear: one JSON object per line of a response.

import type { StateName } from './state.ts';
import type { Failure } from './state-file.ts';

export type Outcome =
  | 'up-to-date'
  | 'update-available'
  /** A new deployment waits for the reboot. */
  | 'staged'
  | 'already-staged'
  | 'rolled-back'
  | 'rollback-undone'
  | 'staged-dropped';

export interface OperationResult {
  readonly outcome: Outcome;
  /** The deployment that it is about. */
  readonly checksum: string;
  readonly version: string | null;
  /** The commit failed to start on this host before, so `upgrade` wants to be forced. */
  readonly refused: boolean;
}

export type AgentEvent =
  | { readonly type: 'state'; readonly state: StateName }
  /** A line that a program printed. */
  | { readonly type: 'output'; readonly line: string }
  | ({ readonly type: 'result' } & OperationResult)
  | { readonly type: 'failure'; readonly failure: Failure };
