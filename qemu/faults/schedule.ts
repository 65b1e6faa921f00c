// Seed -> schedule of faults. Pure: the same request gives the same schedule.

import { seededRandom } from './random.ts';

export const faultKinds = [
  'power-cut',
  'disk-full',
  'disk-slow',
  'disk-failing',
  'network-cut',
  'network-slow',
  'time-jump',
  'memory-pressure',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface ScheduledFault {
  readonly kind: FaultKind;
  /** Milliseconds from the start of the schedule. */
  readonly atMs: number;
  /** How long it lasts; 0 for what has no end (a power cut, a time jump). */
  readonly durationMs: number;
  /** For whatever else is decided by chance in this fault, e.g. which unflushed writes survive. */
  readonly seed: string;
}

export interface ScheduleRequest {
  readonly seed: string;
  readonly kinds: readonly FaultKind[];
  readonly count: number;
  /** All faults begin and end within this time. */
  readonly lengthMs: number;
}

const momentary: ReadonlySet<FaultKind> = new Set<FaultKind>(['power-cut', 'time-jump']);

/** Faults in the order of their time. A power cut ends the machine, so it comes last and at most once. */
export function faultSchedule({ seed, kinds, count, lengthMs }: ScheduleRequest): ScheduledFault[] {
  if (kinds.length === 0) return [];
  const random = seededRandom(seed);
  const drawn = Array.from({ length: count }, (_, index): ScheduledFault => {
    const kind = kinds[random.below(kinds.length)]!;
    const atMs = random.below(lengthMs);
    const longest = random.below(lengthMs - atMs) + 1;
    return { kind, atMs, durationMs: momentary.has(kind) ? 0 : longest, seed: `${seed}/${index}` };
  }).sort((a, b) => a.atMs - b.atMs);
  const firstCut = drawn.findIndex((fault) => fault.kind === 'power-cut');
  return firstCut === -1 ? drawn : drawn.slice(0, firstCut + 1);
}

/** One line for each fault, for the message of a test that failed. */
export function formatSchedule(seed: string, schedule: readonly ScheduledFault[]): string {
  const lines = schedule.map(({ kind, atMs, durationMs }) => {
    const length = durationMs === 0 ? '' : ` for ${(durationMs / 1000).toFixed(3)} s`;
    return `  ${(atMs / 1000).toFixed(3).padStart(9)} s  ${kind}${length}`;
  });
  return [`seed ${JSON.stringify(seed)}:`, ...lines].join('\n');
}
