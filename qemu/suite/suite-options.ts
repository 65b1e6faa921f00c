// What a run of tests is told: image, machines, rules, and where the reports go.

import type { AcceleratorChoice } from '../accelerator.ts';
import { type BootPolicy, strictPolicy } from '../base-checks.ts';
import type { Firmware } from '../machine.ts';
import type { Machine } from '../machine-run.ts';
import type { DenylistEntry } from './denylist.ts';
import type { SuiteMachine } from './prepare-machine.ts';
import type { SuiteReport, TestResult } from './report.ts';

export interface SuiteOptions {
  readonly image: string;
  readonly firmware: Firmware;
  readonly accelerator: AcceleratorChoice;
  /** Of machines whose tests ask for no more. */
  readonly memoryMiB: number;
  readonly cpus: number;
  /** What else all machines have. */
  readonly machine: SuiteMachine;
  /** Machines at once; null lets memory and cores decide. */
  readonly parallel: number | null;
  readonly failFast: boolean;
  readonly denylist: readonly DenylistEntry[];
  /** What the base checks of every machine allow. */
  readonly policy: BootPolicy;
  readonly bootTimeoutMs: number;
  /** Receives report.json, junit.xml, tests.tap, report.html and the files of each test. */
  readonly outputDir: string;
  /** The command line that makes such a run of one test, with `--only NAME` behind it. */
  readonly command: readonly string[];
  /** These are not all tests: what the folder's report says of the others stays. */
  readonly partial: boolean;
  /** null: no machine of a failed test is kept. */
  readonly keep: KeepMachine | null;
}

/** The first machine in which a test failed stands until the end of the run and longer. */
export interface KeepMachine {
  /** It stands from now on, while other tests go on. */
  standing(machine: Machine, result: TestResult): void;
  /** The reports are written. Ends when nobody needs the machine any more. */
  wait(report: SuiteReport): Promise<void>;
}

export const suiteDefaults = {
  memoryMiB: 1024,
  cpus: 1,
  machine: {},
  bootTimeoutMs: 600_000,
  policy: strictPolicy,
} as const;
