// A run of external tests on an image: tests -> machines -> one boot and snapshot for each -> tests restored from it -> reports.

import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readDocument } from '../../lib/documents.ts';
import { Cancelled, ToolError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { type AcceleratorChoice, probeAccelerator } from '../accelerator.ts';
import { type BootPolicy, strictPolicy } from '../base-checks.ts';
import type { Firmware } from '../machine.ts';
import { makeWorkFolder } from '../work-folder.ts';
import { compareReports } from './compare.ts';
import { type DenylistEntry, deniedTest } from './denylist.ts';
import type { ExternalTest } from './external/discover.ts';
import { inParallel } from './in-parallel.ts';
import { type MachinePool, machinePool } from './machine-pool.ts';
import { groupByMachine, type MachineGroup, machinesAtOnce } from './machines.ts';
import type { PreparedMachine } from './prepare-machine.ts';
import type { MachineResult, SuiteReport, TestResult } from './report.ts';
import { type KeepMachine, startAndRunTest } from './restore-and-run.ts';
import { testFiles } from './run-test.ts';
import { whyLeftOut } from './select.ts';
import { reportFile, writeReports } from './write-reports.ts';

export interface SuiteOptions {
  readonly image: string;
  readonly firmware: Firmware;
  readonly accelerator: AcceleratorChoice;
  /** Of machines whose tests ask for no more. */
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Machines at once; null lets memory and cores decide. */
  readonly parallel: number | null;
  readonly failFast: boolean;
  readonly denylist: readonly DenylistEntry[];
  /** What the base checks of every machine allow. */
  readonly policy: BootPolicy;
  readonly bootTimeoutMs: number;
  /** Receives report.json, junit.xml, tests.tap, report.html and the files of each test. */
  readonly outputDir: string;
  /** Is given the first machine in which a test failed, before it is stopped; null: none is kept. */
  readonly keep: KeepMachine | null;
}

export const suiteDefaults = { memoryMiB: 1024, cpus: 1, bootTimeoutMs: 600_000, policy: strictPolicy } as const;

/** Runs the tests and writes the reports whatever the outcome. A test that fails is a result; a cancelled run writes no report. */
export async function runSuite(
  tests: readonly ExternalTest[],
  options: SuiteOptions,
  tools: WorkerTools,
  pool: MachinePool = machinePool(false, tools),
): Promise<SuiteReport> {
  const startedAtMs = performance.now();
  const image = resolve(options.image);
  const { accelerator, reason } = await probeAccelerator(options.accelerator, tools);
  const workFolder = await makeWorkFolder();
  const machines: MachineResult[] = [];
  const results = new Map<string, TestResult>();
  const record = (result: TestResult): void => void results.set(result.name, result);
  const mustStop = (): boolean => options.failFast && [...results.values()].some(({ outcome }) => outcome === 'failed');
  try {
    const runnable = tests.filter((test) => {
      const why = deniedTest(options.denylist, test.name) ?? whyLeftOut(test, { arch: architecture(), distro: null });
      if (why !== null) record(notStarted(test, 'skipped', why));
      return why === null;
    });
    for (const [index, group] of groupByMachine(runnable, options.memoryMiB).entries()) {
      if (mustStop()) break;
      await runGroup(group, index);
    }
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
  for (const test of tests) if (!results.has(test.name)) record(notStarted(test, 'skipped', 'an earlier test failed'));
  const ordered = tests.map(({ name }) => results.get(name)!);
  const fresh: SuiteReport = {
    kind: 'suite-report',
    version: 1,
    image,
    passed: ordered.every(({ outcome }) => outcome !== 'failed'),
    accelerator: { accelerator, reason },
    firmware: options.firmware,
    durationMs: Math.round(performance.now() - startedAtMs),
    machines,
    tests: ordered,
    changes: [],
  };
  const previous = await readDocument<SuiteReport>(join(options.outputDir, reportFile), 'suite-report', 1).catch(
    () => undefined, // the first run into this folder
  );
  const report = previous === undefined ? fresh : { ...fresh, changes: compareReports(previous, fresh) };
  await writeReports(report, options.outputDir);
  return report;

  async function runGroup(group: MachineGroup, index: number): Promise<void> {
    const consoleName = `machine-${index + 1}-console.txt`;
    await mkdir(options.outputDir, { recursive: true });
    const bootedAtMs = performance.now();
    const settings = { ...options, image, accelerator, workFolder, consoleFile: join(options.outputDir, consoleName) };
    let prepared: PreparedMachine | undefined;
    let failure: string | null = null;
    try {
      prepared = await pool.prepare(group, settings);
    } catch (error) {
      if (error instanceof Cancelled || tools.signal.aborted) throw error;
      failure = explain(error as Error);
      tools.events.warning(failure);
    }
    machines.push({
      needs: group.needs,
      failure,
      times: prepared?.times ?? null,
      durationMs: Math.round(performance.now() - bootedAtMs),
      console: consoleName,
    });
    if (prepared === undefined) {
      for (const test of group.tests) record(notStarted(test, 'failed', `no machine: ${failure}`));
      return;
    }
    const { frozen, distro } = prepared;
    try {
      const host = { cores: availableParallelism(), freeMiB: Math.floor(freemem() / 1024 / 1024) };
      const machine = { memoryMiB: group.needs.memoryMiB, accelerator };
      const atOnce = options.parallel ?? machinesAtOnce(machine, host);
      await inParallel(group.tests, atOnce, async (test) => {
        if (mustStop()) return;
        const why = whyLeftOut(test, { arch: architecture(), distro });
        if (why !== null) return record(notStarted(test, 'skipped', why));
        await mkdir(dirname(join(options.outputDir, testFiles(test).console)), { recursive: true });
        record(await startAndRunTest(frozen, test, options, tools));
      });
    } finally {
      await pool.release(group);
    }
  }
}

/** A program that failed in the guest said why. */
function explain(error: Error): string {
  return error instanceof ToolError && error.output !== '' ? `${error.message}: ${error.output}` : error.message;
}

function notStarted(test: ExternalTest, outcome: 'failed' | 'skipped', reason: string): TestResult {
  const { description } = test.declaration;
  const nothing = { startMs: 0, durationMs: 0, reboots: 0, output: '', console: null, journal: null };
  return { name: test.name, description, outcome, reason, ...nothing };
}

/** As RPM and kola call this machine's architecture. */
function architecture(): string {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
}
