// Works through groups of tests as the schedule says: boots, tests and releases run beside each other, as many as the budget allows.

import type { ExternalTest } from './external/discover.ts';
import type { Budget } from './host-budget.ts';
import type { MachineGroup } from './machines.ts';
import { type GroupPhase, type GroupState, nextWork } from './schedule.ts';

/** What the work is. Each step tells its own failures; a throw ends the run. */
export interface GroupActions<Prepared extends { readonly frozen: boolean }> {
  /** Memory of one machine of the group, MiB. */
  costMiB(group: MachineGroup): number;
  /** null: there is no machine, and its tests are dealt with. */
  boot(group: MachineGroup): Promise<Prepared | null>;
  /** Says whether the machine still stands, for people. */
  test(prepared: Prepared, test: ExternalTest, group: MachineGroup): Promise<{ readonly kept: boolean }>;
  /** All tests of the group are done, and none of its machines is kept. */
  release(group: MachineGroup): Promise<void>;
  /** Nothing more is to be started. */
  mustStop(): boolean;
}

interface Progress<Prepared> {
  readonly group: MachineGroup;
  readonly waiting: ExternalTest[];
  phase: GroupPhase;
  prepared: Prepared | null;
  testsRunning: number;
  kept: number;
}

/** Ends when everything has ended that was started; the first failure is passed on then. */
export async function runGroups<Prepared extends { readonly frozen: boolean }>(
  groups: readonly MachineGroup[],
  budget: Budget,
  actions: GroupActions<Prepared>,
): Promise<void> {
  const states = groups.map(
    (group): Progress<Prepared> => ({
      group,
      waiting: [...group.tests],
      phase: 'waiting',
      prepared: null,
      testsRunning: 0,
      kept: 0,
    }),
  );
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];

  const finish = async (state: Progress<Prepared>): Promise<void> => {
    if (state.phase !== 'ready' || state.testsRunning > 0 || state.waiting.length > 0) return;
    state.phase = 'done';
    if (state.kept === 0) await actions.release(state.group);
  };
  const boot = async (state: Progress<Prepared>): Promise<void> => {
    state.phase = 'booting';
    state.prepared = await actions.boot(state.group);
    state.phase = state.prepared === null ? 'done' : 'ready';
  };
  const runTest = async (state: Progress<Prepared>): Promise<void> => {
    state.testsRunning++;
    try {
      const { kept } = await actions.test(state.prepared!, state.waiting.shift()!, state.group);
      if (kept) state.kept++;
    } finally {
      state.testsRunning--;
    }
    await finish(state);
  };
  const start = (work: Promise<void>): void => {
    const entry: Promise<void> = work.catch((error) => void failures.push(error)).finally(() => running.delete(entry));
    running.add(entry);
  };

  for (;;) {
    for (;;) {
      const work = failures.length > 0 || actions.mustStop() ? null : nextWork(states.map(stateOf(actions)), budget);
      if (work === null) break;
      const state = states[work.group]!;
      start(work.type === 'boot' ? boot(state) : runTest(state));
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  for (const state of states) {
    state.waiting.length = 0; // after a failure or a stop tests are left that will not run
    await finish(state);
  }
  if (failures.length > 0) throw failures[0];
}

function stateOf<Prepared extends { readonly frozen: boolean }>(
  actions: GroupActions<Prepared>,
): (state: Progress<Prepared>) => GroupState {
  return ({ group, waiting, phase, prepared, testsRunning, kept }) => ({
    phase,
    costMiB: actions.costMiB(group),
    frozen: prepared?.frozen ?? true,
    testsLeft: waiting.length,
    testsRunning,
    kept,
  });
}
