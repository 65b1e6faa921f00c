// The boot report: the last document of the chain. What each boot was judged by, and the verdict. Pure.

import type { DocumentHeader } from '../lib/documents.ts';
import type { AcceleratorVerdict } from './accelerator.ts';
import { type BootCheck, type BootPolicy, baseChecks } from './base-checks.ts';
import type { BootPhase } from './boot-phase.ts';
import { type ConsoleFinding, checkLines } from './console-checks.ts';
import type { Firmware } from './machine.ts';
import { type BootTimes, type FailedUnit, formatJournalEntry, type GuestVerdict, type UnitTime } from './verdict.ts';

export interface BootReport extends DocumentHeader {
  readonly kind: 'boot-report';
  readonly version: 1;
  /** Absolute path. */
  readonly image: string;
  readonly passed: boolean;
  readonly accelerator: Pick<AcceleratorVerdict, 'accelerator' | 'reason'>;
  readonly boots: readonly BootResult[];
}

/** One boot under one firmware. */
export interface BootResult {
  readonly firmware: Firmware;
  readonly passed: boolean;
  readonly checks: readonly BootCheck[];
  /** The furthest phase that was seen. */
  readonly phase: BootPhase;
  /** As systemd says, e.g. `running`; null when no verdict came. */
  readonly state: string | null;
  readonly bootId: string | null;
  readonly times: BootTimes | null;
  readonly failedUnits: readonly FailedUnit[];
  /** Units that were started, in that order. */
  readonly units: readonly UnitTime[];
  readonly findings: readonly ConsoleFinding[];
  /** Host time from the start of QEMU to the end of the test. */
  readonly durationMs: number;
  /** File names beside boot.json; the journal is there only with a verdict. */
  readonly console: string;
  readonly journal: string | null;
  /** The VGA screen at the end of a boot that failed. */
  readonly screenshot: string | null;
}

export interface ObservedBoot {
  readonly firmware: Firmware;
  readonly phase: BootPhase;
  readonly verdict: GuestVerdict | null;
  /** Why there is no verdict; '' when there is one. */
  readonly failure: string;
  /** Why ssh does not answer, null when it does; absent when nobody asked. */
  readonly sshSilence?: string | null;
  readonly consoleLines: readonly string[];
  readonly times: BootTimes | null;
  readonly durationMs: number;
  readonly console: string;
  readonly journal: string | null;
}

/**
 * Judges one boot.
 * @param allowed findings of console and journal that a denylist excuses are taken out by it
 */
export function judgeBoot(
  boot: ObservedBoot,
  policy: BootPolicy,
  allowed: (findings: ConsoleFinding[]) => ConsoleFinding[] = (findings) => findings,
): BootResult {
  const { firmware, phase, verdict, times, durationMs } = boot;
  const findings = allowed(checkLines([...boot.consoleLines, ...(verdict?.journal.map(formatJournalEntry) ?? [])]));
  const failedUnits = verdict?.failedUnits ?? [];
  const checks: BootCheck[] = [
    { name: 'the boot completes', failure: completionFailure(boot) },
    {
      name: 'console and journal are clean',
      failure: findings.length === 0 ? null : findings.map(({ code, line }) => `${code}: ${line.trim()}`).join('\n'),
    },
  ];
  if (verdict !== null) {
    const failure = failedUnits.length === 0 ? null : failedUnits.map(describeUnit).join('\n');
    checks.push({ name: 'no unit failed', failure });
    if (boot.sshSilence !== undefined) checks.push({ name: 'ssh answers', failure: boot.sshSilence });
    checks.push(...baseChecks(verdict.facts, times, policy));
  }
  return {
    firmware,
    passed: checks.every((check) => check.failure === null),
    checks,
    phase,
    state: verdict?.state ?? null,
    bootId: verdict?.bootId ?? null,
    times,
    failedUnits,
    units: (verdict?.units ?? []).toSorted((a, b) => a.startedAtUs - b.startedAtUs),
    findings,
    durationMs,
    console: boot.console,
    journal: boot.journal,
    screenshot: null, // nobody needs one of a boot that passed
  };
}

/** The report for people: one line a boot, and under it what failed. */
export function formatBootReport(report: BootReport): string {
  const boots = report.boots.flatMap((boot) => [
    `${boot.passed ? '✓' : '✗'} ${boot.firmware} (${report.accelerator.accelerator}): ${boot.state ?? `no verdict, stands in the ${boot.phase}`}${formatTimes(boot.times)}`,
    ...boot.checks.flatMap(({ name, failure }) =>
      failure === null ? [] : [`    ${name}: failed`, ...failure.split('\n').map((line) => `      ${line}`)],
    ),
  ]);
  return [...boots, `${report.passed ? 'passed' : 'failed'}: ${report.image}`].join('\n');
}

function completionFailure({ verdict, failure }: ObservedBoot): string | null {
  if (verdict === null) return failure;
  // `degraded` means failed units, which are told by name.
  return verdict.state === 'running' || verdict.state === 'degraded' ? null : `the system says "${verdict.state}"`;
}

function describeUnit({ unit, description }: FailedUnit): string {
  return `${unit} (${description})`;
}

function formatTimes(times: BootTimes | null): string {
  if (times === null || times.total === null) return '';
  const { total, ...parts } = times;
  const spent = Object.entries(parts)
    .filter(([, duration]) => duration !== null)
    .map(([name, duration]) => `${name} ${(duration! / 1000).toFixed(1)} s`);
  return `, ${(total / 1000).toFixed(1)} s (${spent.join(', ')})`;
}
