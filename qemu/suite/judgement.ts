// How boots of the suite are judged: as `slipway qemu test` judges one, with the denylist of the suite.

import type { BootPolicy } from '../base-checks.ts';
import { loaderSpokeAtMs } from '../boot-phase.ts';
import { judgeBoot, type ObservedBoot } from '../boot-report.ts';
import type { Firmware } from '../machine.ts';
import type { Machine } from '../machine-run.ts';
import { type BootTimes, bootTimes, type GuestVerdict } from '../verdict.ts';
import { type DenylistEntry, remainingFindings } from './denylist.ts';

export interface BootRules {
  readonly firmware: Firmware;
  readonly policy: BootPolicy;
  readonly denylist: readonly DenylistEntry[];
}

export interface JudgedBoot {
  readonly verdict: GuestVerdict;
  /** null when they mean nothing, e.g. those of a soft reboot. */
  readonly times: BootTimes | null;
  readonly consoleLines: readonly string[];
}

/** The times of the boot that the machine is in. */
export function timesOfBoot(machine: Machine, verdict: GuestVerdict): BootTimes {
  const start = machine.currentBoot();
  const loaderAtMs = loaderSpokeAtMs(machine.console.lines().slice(start.consoleLine));
  return bootTimes(verdict, start.poweredOnAtMs, loaderAtMs);
}

/** What the base checks find fault with, a sentence each. */
export function bootProblems(
  { verdict, times, consoleLines }: JudgedBoot,
  { firmware, policy, denylist }: BootRules,
): string[] {
  const observed: ObservedBoot = {
    firmware,
    phase: 'userspace',
    verdict,
    failure: '',
    consoleLines,
    times,
    durationMs: 0,
    console: '',
    journal: null,
  };
  const { checks } = judgeBoot(observed, policy, (findings) => remainingFindings(denylist, findings));
  return checks.flatMap(({ name, failure }) => (failure === null ? [] : [`not true that ${name}: ${failure}`]));
}
