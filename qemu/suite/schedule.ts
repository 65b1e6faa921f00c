// What runs next: one queue over all groups. A group is booted once, and then its tests run; while one boots, tests of others run. Pure.

import type { Budget } from './host-budget.ts';

/** `waiting`: not booted; `ready`: its tests can start; `done`: nothing is left of it, or it failed. */
export type GroupPhase = 'waiting' | 'booting' | 'ready' | 'done';

export interface GroupState {
  readonly phase: GroupPhase;
  /** Of one of its machines. */
  readonly costMiB: number;
  /** Its machine stays while its tests run: its memory is taken besides theirs. */
  readonly frozen: boolean;
  /** Tests that have not been started. */
  readonly testsLeft: number;
  readonly testsRunning: number;
  /** Machines that are kept for people. */
  readonly kept: number;
}

export interface Work {
  readonly type: 'boot' | 'test';
  /** Index of the group. */
  readonly group: number;
}

/**
 * The next piece of work, or null when nothing fits now. A boot comes first as long as no other goes on and tests could run beside it; so a group is
 * ready when the one before it has ended. Of ready groups the one with most tests left goes first: the longest work must not come last.
 * When nothing runs, one piece always fits, however short the memory is.
 */
export function nextWork(groups: readonly GroupState[], budget: Budget): Work | null {
  const running = groups.reduce((sum, group) => sum + machinesAtWork(group), 0);
  if (running >= budget.slots) return null;
  const freeMiB = budget.memoryMiB - groups.reduce((sum, group) => sum + takenMiB(group), 0);
  const ready = most(groups, ({ phase, testsLeft }) => phase === 'ready' && testsLeft > 0);
  // A boot needs room for the machine and for a first test in it; otherwise booted groups would wait for each other's memory.
  const waiting = groups.findIndex(({ phase }) => phase === 'waiting');
  const boot = waiting === -1 ? null : ({ type: 'boot', group: waiting } as const);
  const test = ready === null ? null : ({ type: 'test', group: ready } as const);
  const bootFits = boot !== null && freeMiB >= 2 * groups[waiting]!.costMiB;
  const testFits = test !== null && freeMiB >= groups[test.group]!.costMiB;
  const boots = groups.filter(({ phase }) => phase === 'booting').length;
  if (bootFits && (test === null || (boots === 0 && budget.slots > 1))) return boot;
  if (testFits) return test;
  if (bootFits && test === null) return boot;
  return running === 0 ? (test ?? boot) : null;
}

/** Machines that compute now. */
function machinesAtWork({ phase, testsRunning }: GroupState): number {
  return phase === 'booting' ? 1 : testsRunning;
}

function takenMiB(group: GroupState): number {
  const own = group.phase === 'booting' || (group.phase === 'ready' && group.frozen) ? 1 : 0;
  return (own + group.testsRunning + group.kept) * group.costMiB;
}

function most(groups: readonly GroupState[], fits: (group: GroupState) => boolean): number | null {
  let best: number | null = null;
  for (const [index, group] of groups.entries()) {
    if (fits(group) && (best === null || group.testsLeft > groups[best]!.testsLeft)) best = index;
  }
  return best;
}
