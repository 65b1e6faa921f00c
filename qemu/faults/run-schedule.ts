// A schedule of faults, done to a machine that runs: each begins and ends at its time.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../machine-run.ts';
import type { Unflushed } from './power-cut.ts';
import { seededRandom } from './random.ts';
import type { FaultKind, ScheduledFault } from './schedule.ts';

export interface FaultTargets {
  /** Folder whose file system is filled. */
  readonly fillFolder: string;
  /** File that is made corrupt. */
  readonly corruptPath: string;
  /** What memory pressure leaves the guest. */
  readonly memoryMiB: number;
}

/** What runSchedule() does to a machine; part of it, so that a test can look on. */
export interface TargetMachine<AfterCut>
  extends Pick<Machine, 'network' | 'disk' | 'jumpTime' | 'leaveMemory' | 'corruptFile'> {
  readonly options: Pick<Machine['options'], 'memoryMiB'>;
  powerCut(unflushed: Unflushed): Promise<AfterCut>;
}

/**
 * Faults of one subject end together, and those that are not over yet are begun anew. They are done one after another, and beside those of
 * other subjects: what works through the guest may have to wait for the end of what keeps the guest from answering.
 */
type Subject = 'power' | 'network' | 'disk' | 'space' | 'memory' | 'clock' | 'file';

const subjects: Readonly<Record<FaultKind, Subject>> = {
  'power-cut': 'power',
  'disk-full': 'space',
  'disk-slow': 'disk',
  'disk-failing': 'disk',
  'network-cut': 'network',
  'network-slow': 'network',
  'network-loss': 'network',
  'time-jump': 'clock',
  'memory-pressure': 'memory',
  'file-corrupt': 'file',
};

const longestJumpSeconds = 86_400;

/**
 * Does each fault at its time, or as soon as the ones before it on the same subject let it, and ends it again; all have ended when it
 * returns. A power cut comes at its time whatever the others do, and takes them with it; only a full file system stays full.
 * @returns the machine after the power cut, or null when the schedule has none
 * @throws what a fault throws that could not be done; those that had begun are ended all the same
 */
export async function runSchedule<AfterCut>(
  machine: TargetMachine<AfterCut>,
  schedule: readonly ScheduledFault[],
  targets: FaultTargets,
  signal: AbortSignal,
): Promise<AfterCut | null> {
  const startedAt = performance.now();
  const active = new Set<ScheduledFault>();
  const queues = new Map<Subject, Promise<void>>();
  const failed = new AbortController();
  const enqueue = (fault: ScheduledFault, work: () => Promise<void>): void => {
    const subject = subjects[fault.kind];
    const queue = (queues.get(subject) ?? Promise.resolve()).then(work);
    queue.catch((error) => failed.abort(error));
    queues.set(subject, queue);
  };
  const stop = AbortSignal.any([signal, failed.signal]);
  const start = async (fault: ScheduledFault): Promise<void> => {
    if (stop.aborted) return; // it had to wait, and came too late
    if (fault.durationMs > 0) active.add(fault);
    await begin(machine, fault, targets);
  };
  const finish = async (fault: ScheduledFault): Promise<void> => {
    active.delete(fault);
    const subject = subjects[fault.kind];
    await end(machine, subject, targets);
    for (const other of active) if (subjects[other.kind] === subject) await begin(machine, other, targets);
  };
  try {
    for (const { atMs, fault, begins } of momentsOf(schedule)) {
      await sleep(Math.max(0, startedAt + atMs - performance.now()), undefined, { signal: stop });
      if (fault.kind === 'power-cut') {
        active.clear();
        return await machine.powerCut({ type: 'chance', seed: fault.seed });
      }
      enqueue(fault, () => (begins ? start(fault) : finish(fault)));
    }
    await Promise.all(queues.values());
    return null;
  } catch (error) {
    for (const fault of [...active]) await finish(fault);
    throw failed.signal.aborted ? failed.signal.reason : error;
  }
}

interface Moment {
  readonly atMs: number;
  readonly fault: ScheduledFault;
  readonly begins: boolean;
}

/** Beginnings and ends in the order of their time. */
function momentsOf(schedule: readonly ScheduledFault[]): Moment[] {
  const moments = schedule.flatMap((fault): Moment[] => {
    const beginning = { atMs: fault.atMs, fault, begins: true };
    return fault.durationMs === 0
      ? [beginning]
      : [beginning, { atMs: fault.atMs + fault.durationMs, fault, begins: false }];
  });
  return moments.sort((a, b) => a.atMs - b.atMs);
}

/** How hard it hits is the seed's choice too. */
async function begin(machine: TargetMachine<unknown>, fault: ScheduledFault, targets: FaultTargets): Promise<void> {
  const random = seededRandom(fault.seed);
  switch (fault.kind) {
    case 'power-cut':
      return; // ends the schedule
    case 'disk-full':
      return await machine.disk.fill(targets.fillFolder);
    case 'disk-slow':
      return await machine.disk.slow({ operationsPerSecond: 20 + random.below(200) });
    case 'disk-failing':
      return await machine.disk.fail((['read', 'write', 'flush'] as const)[random.below(3)]!);
    case 'network-cut':
      return await machine.network.cut();
    case 'network-slow':
      return await machine.network.delay(20 + random.below(500));
    case 'network-loss':
      return await machine.network.lose(0.05 + random.next() * 0.4, fault.seed);
    case 'time-jump':
      return await machine.jumpTime(random.below(2 * longestJumpSeconds) - longestJumpSeconds);
    case 'memory-pressure':
      return await machine.leaveMemory(targets.memoryMiB);
    case 'file-corrupt':
      return void (await machine.corruptFile(targets.corruptPath, fault.seed));
  }
}

async function end(machine: TargetMachine<unknown>, subject: Subject, targets: FaultTargets): Promise<void> {
  switch (subject) {
    case 'network':
      return await machine.network.mend();
    case 'disk':
      return await machine.disk.heal();
    case 'space':
      return await machine.disk.free(targets.fillFolder);
    case 'memory':
      return await machine.leaveMemory(machine.options.memoryMiB);
    case 'power':
    case 'clock':
    case 'file':
      return; // these have no end
  }
}
