// The report of a run of tests: a document with the machines that were booted and how each test ended. Pure.

import { join } from 'node:path';
import type { DocumentHeader } from '../../lib/documents.ts';
import { quoteCommand } from '../../lib/run.ts';
import type { AcceleratorVerdict } from '../accelerator.ts';
import type { Firmware } from '../machine.ts';
import type { BootTimes, UnitTime } from '../verdict.ts';
import type { MachineNeeds } from './machines.ts';

export interface SuiteReport extends DocumentHeader {
  readonly kind: 'suite-report';
  readonly version: 2;
  /** The command line of the run without its choice of tests; `--only NAME` makes it run one. */
  readonly command: readonly string[];
  /** Absolute path. */
  readonly image: string;
  /** Size of its file. */
  readonly imageBytes: number;
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
  /** What systemd started, in that order. */
  readonly units: readonly UnitTime[];
  /** Host time from power-on until the machine was frozen. */
  readonly durationMs: number;
  /** File names in the report's folder; the journal is null for a boot that did not reach userspace, the screenshot is of one that failed. */
  readonly console: string;
  readonly journal: string | null;
  readonly screenshot: string | null;
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
  /** Of the VGA screen when the test failed. */
  readonly screenshot: string | null;
  /** Name of its machine when that was kept standing, for `slipway qemu ssh`. */
  readonly machine: string | null;
}

/** Names of the files of one test in the report's folder. */
export function testFiles(name: string): {
  readonly console: string;
  readonly journal: string;
  readonly screenshot: string;
} {
  const folder = join('tests', name);
  return {
    console: join(folder, 'console.txt'),
    journal: join(folder, 'journal.txt'),
    screenshot: join(folder, 'screen.png'),
  };
}

/** For people whose test failed, to be pasted into a shell: what it does, and the command. */
export function commandsFor(
  { command }: Pick<SuiteReport, 'command'>,
  { name, machine }: TestResult,
): { readonly title: string; readonly command: string }[] {
  const again = [...command, '--only', name];
  const enter = machine === null ? [...again, '--keep'] : ['slipway', 'qemu', 'ssh', machine];
  return [
    { title: 'run it again', command: quoteCommand(again) },
    { title: machine === null ? 'run it and keep its machine' : 'enter its machine', command: quoteCommand(enter) },
  ];
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
    const commands = commandsFor(report, test).map(({ title, command }) => `    ${title}: ${command}`);
    return [`✗ ${test.name}: ${test.reason}`, ...lastOutput(test.output), ...commands];
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
