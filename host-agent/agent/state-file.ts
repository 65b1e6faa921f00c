// What the daemon remembers between two runs of it within one boot: its state, for the word "interrupted", and the last failure, for `status`.

import { type DocumentHeader, readDocument, writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import type { StateName } from './state.ts';

export interface Failure {
  /** Stable word, e.g. `update-refused`; `tool` for a program that failed. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface AgentRecord {
  readonly state: StateName;
  readonly lastFailure: Failure | null;
}

interface StateDocument extends DocumentHeader, AgentRecord {
  readonly kind: 'host-state';
  readonly version: 1;
}

/** Idle and without failures when there is no record, or one that this version does not read. */
export async function readAgentRecord(file: string): Promise<AgentRecord> {
  try {
    const { state, lastFailure } = await readDocument<StateDocument>(file, 'host-state', 1);
    return { state, lastFailure };
  } catch (error) {
    if (error instanceof UserError) return { state: 'idle', lastFailure: null };
    throw error;
  }
}

export async function writeAgentRecord(file: string, record: AgentRecord): Promise<void> {
  const document: StateDocument = { kind: 'host-state', version: 1, ...record };
  await writeDocument(file, document);
}
