// The agent: takes one request at a time, walks the state table, remembers where it is, and tells watchers. It holds no truth of its own: what is
// installed is what `ostree admin status` says.

import { Cancelled, ToolError, UserError } from '../../lib/errors.ts';
import { readBootCounter } from '../boot/boot-counter.ts';
import { readBootVerdict } from '../boot/boot-success.ts';
import { readFailedDeployments } from '../boot/failed-deployments.ts';
import { type CommitInfo, type NewestCommit, readCommit } from '../ostree/commit.ts';
import { readDeployments } from '../ostree/deployments.ts';
import type { HostPaths } from '../paths.ts';
import type { AgentEvent, Outcome } from './events.ts';
import { type Operation, type OperationRequest, perform, seen, seenEvent } from './operation.ts';
import { type ActionName, type EventName, isWorking, next, type StateName } from './state.ts';
import { type Failure, readAgentRecord, writeAgentRecord } from './state-file.ts';
import { type HostStatus, hostStatus } from './status.ts';

export interface Agent {
  status(): Promise<HostStatus>;
  /**
   * Begins an operation and resolves when it has ended, well or not. Its events, the last one a `result` or a `failure`, go to the watchers.
   * @throws UserError `busy` at once, not as a rejection, when another one runs
   */
  begin(request: OperationRequest): Promise<void>;
  /** Calls `listener` with every event until the returned function is called. */
  watch(listener: (event: AgentEvent) => void): () => void;
  readonly state: StateName;
}

/** Starts from what ostree shows, whatever was interrupted before. */
export async function startAgent(paths: HostPaths, signal: AbortSignal): Promise<Agent> {
  const watchers = new Set<(event: AgentEvent) => void>();
  const commits = new Map<string, CommitInfo>();
  const record = await readAgentRecord(paths.stateFile);
  let lastFailure =
    isWorking(record.state) && record.state !== 'rebooting' ? interrupted(record.state) : record.lastFailure;
  let state: StateName = record.state;
  let operation: Operation | undefined;
  let newest: NewestCommit | null = null;

  const emit = (event: AgentEvent): void => {
    for (const watcher of watchers) watcher(event);
  };
  const tools = { paths, signal, onLine: (line: string) => emit({ type: 'output', line }) };

  // Writes the new state down before anybody sees it or anything is done, so that a later start knows what was interrupted.
  const enter = async (event: EventName): Promise<readonly ActionName[]> => {
    const transition = next(state, event);
    if (transition === undefined) throw new Error(`the event ${event} does not fit the state ${state}`);
    await writeAgentRecord(paths.stateFile, { state: transition.state, lastFailure });
    state = transition.state;
    emit({ type: 'state', state });
    return transition.actions;
  };

  const walk = async (running: Operation, first: EventName): Promise<void> => {
    let event: EventName | undefined = first;
    while (event !== undefined) {
      const actions = await enter(event);
      event = undefined;
      for (const action of actions) event = await perform(action, running, tools);
    }
  };

  const work = async (running: Operation): Promise<void> => {
    try {
      await walk(running, running.request.kind === 'upgrade' ? 'upgrade-asked' : 'rollback-asked');
      lastFailure = null;
      await writeAgentRecord(paths.stateFile, { state, lastFailure });
      const result = running.result!;
      if (running.request.reboot === true && rebootingOutcomes.has(result.outcome)) await walk(running, 'reboot-asked');
      emit({ type: 'result', ...result });
    } catch (error) {
      if (error instanceof Cancelled) return; // the daemon is being stopped: the next start says "interrupted"
      lastFailure = failureOf(error);
      await walk(running, 'failed');
      emit({ type: 'failure', failure: lastFailure });
    } finally {
      newest = running.newest ?? newest;
      operation = undefined;
    }
  };

  await enter(await seen());
  return {
    get state() {
      return state;
    },
    watch(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    begin(request) {
      if (operation !== undefined || isWorking(state)) {
        throw new UserError('busy', `the host is busy: ${state}`, {
          hint: 'wait until `slipway host status` shows that it has ended',
        });
      }
      operation = { request };
      return work(operation);
    },
    async status() {
      const deployments = await readDeployments(signal);
      for (const { checksum } of deployments) {
        if (!commits.has(checksum)) commits.set(checksum, await readCommit(checksum, signal));
      }
      if (operation === undefined) {
        // Somebody may have used `ostree admin` by hand.
        if (state !== 'failed' && state !== 'rebooting') state = next(state, seenEvent(deployments))!.state;
      }
      return hostStatus({
        deployments,
        commits,
        state,
        operation: operation?.request.kind ?? null,
        newest,
        lastFailure,
        bootCounter: await readBootCounter(paths.bootEnvironment),
        boot: await readBootVerdict(paths.bootVerdict),
        failedDeployments: await readFailedDeployments(paths.failedDeployments),
      });
    },
  };
}

// After these another deployment is to start. The state alone does not tell: `upgrade` must not reboot into a rollback that waits.
const rebootingOutcomes: ReadonlySet<Outcome> = new Set(['staged', 'already-staged', 'rolled-back']);

function interrupted(state: StateName): Failure {
  return {
    code: 'interrupted',
    message: `the agent was stopped while ${state}`,
    hint: 'the deployments show what was reached; ask again, what was downloaded is kept',
    at: new Date().toISOString(),
  };
}

/** A failure as data, for the API and the record. */
export function failureOf(error: unknown): Failure {
  const at = new Date().toISOString();
  if (error instanceof UserError) return { code: error.code, message: error.message, hint: error.hint, at };
  if (error instanceof ToolError)
    return {
      code: 'tool',
      message: `${error.message}: ${error.output}`,
      hint: `the command was: ${error.command}`,
      at,
    };
  return {
    code: 'bug',
    message: error instanceof Error ? error.message : String(error),
    hint: 'this is a bug of the host agent',
    at,
  };
}
