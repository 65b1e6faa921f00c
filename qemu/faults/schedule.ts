// Seed -> schedule of faults. The same request gives the same schedule.

import { randomBytes } from 'node:crypto';
import { seededRandom } from './random.ts';

export const faultKinds = [
  'power-cut',
  'disk-full',
  'disk-slow',
  'disk-failing',
  'network-cut',
  'network-slow',
  'network-loss',
  'time-jump',
  'memory-pressure',
  'file-corrupt',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface ScheduledFault {
  readonly kind: FaultKind;
  /** Milliseconds from the start of the schedule. */
  readonly atMs: number;
  /** How long it lasts; 0 for what has no end (a power cut, a time jump, a corrupt file). */
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

const momentary: ReadonlySet<FaultKind> = new Set<FaultKind>(['power-cut', 'time-jump', 'file-corrupt']);

/** The seed to run: `$SLIPWAY_SEED` runs a failed one again, else it is a new one. */
export function chosenSeed(environment = process.env.SLIPWAY_SEED): string {
  return environment === undefined || environment === '' ? randomBytes(4).toString('hex') : environment;
}

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

/**
 * The same, and a power cut at a moment of the seed's choice in the second half of the time: what would come later does not.
 * @param request `kinds` without the power cut
 */
export function faultScheduleWithCut(request: ScheduleRequest): ScheduledFault[] {
  const seed = `${request.seed}/cut`;
  const half = Math.ceil(request.lengthMs / 2);
  const cut: ScheduledFault = { kind: 'power-cut', atMs: half + seededRandom(seed).below(half), durationMs: 0, seed };
  return [...faultSchedule(request).filter(({ atMs }) => atMs < cut.atMs), cut];
}

/** One line for each fault, for the message of a test that failed. */
export function formatSchedule(seed: string, schedule: readonly ScheduledFault[]): string {
  const lines = schedule.map(({ kind, atMs, durationMs }) => {
    const length = durationMs === 0 ? '' : ` for ${(durationMs / 1000).toFixed(3)} s`;
    return `  ${(atMs / 1000).toFixed(3).padStart(9)} s  ${kind}${length}`;
  });
  return [`seed ${JSON.stringify(seed)} (run it again with SLIPWAY_SEED):`, ...lines].join('\n');
}
