// The report of a run of tests: a document with the machines that were booted and how each test ended. Pure.

import type { DocumentHeader } from '../../lib/documents.ts';
import type { AcceleratorVerdict } from '../accelerator.ts';
import type { Firmware } from '../machine.ts';
import type { BootTimes } from '../verdict.ts';
import type { MachineNeeds } from './machines.ts';

export interface SuiteReport extends DocumentHeader {
  readonly kind: 'suite-report';
  readonly version: 1;
  /** Absolute path. */
  readonly image: string;
  readonly passed: boolean;
  readonly accelerator: Pick<AcceleratorVerdict, 'accelerator' | 'reason'>;
  readonly firmware: Firmware;
  readonly durationMs: number;
  readonly machines: readonly MachineResult[];
  readonly tests: readonly TestResult[];
  /** Compared with the report that lay in the folder before, as sentences. */
  readonly changes: readonly string[];
}

/** One boot that tests were started from. */
export interface MachineResult {
  readonly needs: MachineNeeds;
  /** Why the machine is no base for tests; null when it is. */
  readonly failure: string | null;
  readonly times: BootTimes | null;
  /** Host time from power-on until the machine was frozen. */
  readonly durationMs: number;
  /** File name in the report's folder. */
  readonly console: string;
}

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface TestResult {
  readonly name: string;
  readonly description: string;
  readonly outcome: Outcome;
  /** Why it failed or was skipped; '' when it passed. */
  readonly reason: string;
  /** Host time from the request to restore a machine until ssh answered in it; 0 when none was. */
  readonly startMs: number;
  /** Host time of the whole test, with `startMs`. */
  readonly durationMs: number;
  readonly reboots: number;
  /** What the test wrote to stdout and stderr, its end if it is long. */
  readonly output: string;
  /** File names in the report's folder; null when the test was never started. */
  readonly console: string | null;
  readonly journal: string | null;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function countOutcomes(tests: readonly TestResult[]): Counts {
  const count = (outcome: Outcome): number => tests.filter((test) => test.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** For a terminal: what failed in full, what was skipped in a line, and the sum. */
export function formatSuiteReport(report: SuiteReport): string {
  const { passed, failed, skipped } = countOutcomes(report.tests);
  const details = report.tests.flatMap((test) => {
    if (test.outcome === 'passed') return [];
    if (test.outcome === 'skipped') return [`- ${test.name}: skipped, ${test.reason}`];
    return [`✗ ${test.name}: ${test.reason}`, ...lastOutput(test.output)];
  });
  const starts = report.tests.map(({ startMs }) => startMs).filter((ms) => ms > 0);
  const mean = starts.length === 0 ? 0 : starts.reduce((sum, ms) => sum + ms, 0) / starts.length;
  const pace = starts.length === 0 ? '' : `, started in ${(mean / 1000).toFixed(1)} s on average`;
  return [
    ...details,
    ...report.changes.map((change) => `! ${change}`),
    `${passed} passed, ${failed} failed, ${skipped} skipped in ${(report.durationMs / 1000).toFixed(1)} s (${report.machines.length} ${report.machines.length === 1 ? 'boot' : 'boots'}${pace})`,
  ].join('\n');
}

const outputLinesShown = 15;

function lastOutput(output: string): string[] {
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '');
  return lines.slice(-outputLinesShown).map((line) => `    ${line}`);
}
