// A run of external tests on an image: tests -> machines -> one boot and snapshot for each -> tests restored from it -> reports.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { canonicalJson, sha256 } from '../../lib/documents.ts';
import { Cancelled, ToolError } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import { makeFolder } from '../../lib/files.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { probeAccelerator } from '../accelerator.ts';
import type { Machine } from '../machine-run.ts';
import { compareReports } from './compare.ts';
import { deniedTest } from './denylist.ts';
import type { ExternalTest } from './external/discover.ts';
import { hostBudget, machineCostMiB } from './host-budget.ts';
import { imageFile } from './image-file.ts';
import { type MachinePool, machinePool } from './machine-pool.ts';
import { describeNeeds, groupByMachine, type MachineGroup } from './machines.ts';
import { mergeReports } from './merge-reports.ts';
import type { MachineSettings, PreparedMachine } from './prepare-machine.ts';
import type { MachineResult, SuiteReport, TestResult } from './report.ts';
import { runGroups } from './run-groups.ts';
import { whyLeftOut } from './select.ts';
import { startAndRunTest } from './start-and-run.ts';
import type { SuiteOptions } from './suite-options.ts';
import { readLastReport, writeReports } from './write-reports.ts';

/**
 * Runs the tests and writes the reports whatever the outcome. A test that fails is a result; a cancelled run writes no report.
 * The result tells about these tests only, also when the run is a part of a larger one and its report went into that.
 */
export async function runSuite(
  tests: readonly ExternalTest[],
  options: SuiteOptions,
  tools: WorkerTools,
  pool: MachinePool = machinePool(false, tools),
): Promise<SuiteReport> {
  const startedAtMs = performance.now();
  const image = resolve(options.image);
  const { bytes: imageBytes, identity: imageIdentity } = await imageFile(image);
  const { accelerator, reason } = await probeAccelerator(options.accelerator, tools);
  const machines: MachineResult[] = [];
  const results = new Map<string, TestResult>();
  const rules = { firmware: options.firmware, policy: options.policy, denylist: options.denylist };
  const { bootTimeoutMs, cpus, machine, outputDir } = options;
  const settings: Omit<MachineSettings, 'consoleFile' | 'journalFile' | 'screenshotFile'> = {
    ...{ image, imageIdentity, accelerator, cpus, machine, bootTimeoutMs, rules },
  };
  let standing: { readonly machine: Machine; readonly group: MachineGroup } | null = null;

  const report = async (): Promise<SuiteReport> => {
    const ordered = tests.map(({ name }) => results.get(name)!);
    const fresh: SuiteReport = {
      kind: 'suite-report',
      version: 2,
      command: options.command,
      image,
      imageBytes,
      passed: ordered.every(({ outcome }) => outcome !== 'failed'),
      accelerator: { accelerator, reason },
      firmware: options.firmware,
      durationMs: Math.round(performance.now() - startedAtMs),
      machines,
      tests: ordered,
      changes: [],
    };
    const previous = await readLastReport(outputDir);
    if (previous === undefined) return fresh;
    return { ...fresh, changes: compareReports(previous, fresh) };
  };

  await makeFolder(outputDir);
  try {
    await tools.events.step(`Run ${tests.length} ${tests.length === 1 ? 'test' : 'tests'}`, async (step) => {
      const record = (result: TestResult): void => {
        results.set(result.name, result);
        step.progress(results.size, tests.length, 'items');
      };
      await runAll(step, record);
      for (const test of tests)
        if (!results.has(test.name)) record(notStarted(test, 'skipped', 'an earlier test failed'));
      if ([...results.values()].some(({ outcome }) => outcome === 'failed')) step.failed();
    });
    const fresh = await report();
    const previous = options.partial ? await readLastReport(outputDir) : undefined;
    await writeReports(previous === undefined ? fresh : mergeReports(previous, fresh), outputDir);
    if (standing !== null) await options.keep?.wait(fresh);
    return fresh;
  } finally {
    await leaveStanding();
  }

  async function runAll(step: StepHandle, record: (result: TestResult) => void): Promise<void> {
    const runnable = tests.filter((test) => {
      const why = deniedTest(options.denylist, test.name) ?? whyLeftOut(test, { arch: architecture(), distro: null });
      if (why !== null) record(notStarted(test, 'skipped', why));
      return why === null;
    });
    const host = { cores: availableParallelism(), freeMiB: Math.floor(process.availableMemory() / 1024 / 1024) };
    await runGroups<PreparedMachine>(groupByMachine(runnable, options.memoryMiB), hostBudget(host, options.parallel), {
      costMiB: ({ needs }) => machineCostMiB(needs.memoryMiB, accelerator),
      boot: (group) => bootGroup(group, step, record),
      test: async (prepared, test, group) => {
        const why = whyLeftOut(test, { arch: architecture(), distro: prepared.distro });
        const result =
          why === null
            ? await step.step(test.name, (own) => startAndRunTest(prepared, test, testSettings(group), own))
            : notStarted(test, 'skipped', why);
        record(result);
        return { kept: result.machine !== null };
      },
      release: (group) => pool.release(group),
      mustStop: () => options.failFast && [...results.values()].some(({ outcome }) => outcome === 'failed'),
    });
  }

  async function bootGroup(
    group: MachineGroup,
    step: StepHandle,
    record: (result: TestResult) => void,
  ): Promise<PreparedMachine | null> {
    const name = `machine-${sha256(canonicalJson(group.needs)).slice(0, 8)}`;
    const consoleName = `${name}-console.txt`;
    const journalName = `${name}-journal.txt`;
    const screenshotName = `${name}-screen.png`;
    const journalFile = join(outputDir, journalName);
    const screenshotFile = join(outputDir, screenshotName);
    for (const file of [journalFile, screenshotFile]) await rm(file, { force: true }); // of an earlier run
    const bootedAtMs = performance.now();
    let prepared: PreparedMachine | null = null;
    let failure: string | null = null;
    try {
      prepared = await step.step(`Boot a machine (${describeNeeds(group.needs)})`, () =>
        pool.prepare(group, { ...settings, consoleFile: join(outputDir, consoleName), journalFile, screenshotFile }),
      );
    } catch (error) {
      if (error instanceof Cancelled || tools.signal.aborted) throw error;
      failure = explain(error as Error);
      tools.events.warning(failure);
      for (const test of group.tests) record(notStarted(test, 'failed', `no machine: ${failure}`));
    }
    machines.push({
      needs: group.needs,
      failure,
      times: prepared?.times ?? null,
      units: prepared?.units ?? [],
      durationMs: Math.round(performance.now() - bootedAtMs),
      console: consoleName,
      journal: existsSync(journalFile) ? journalName : null,
      screenshot: existsSync(screenshotFile) ? screenshotName : null,
    });
    return prepared;
  }

  function testSettings(group: MachineGroup): Parameters<typeof startAndRunTest>[2] {
    const keep = (machine: Machine, result: TestResult): boolean => {
      if (options.keep === null || standing !== null) return false;
      standing = { machine, group };
      options.keep.standing(machine, result);
      return true;
    };
    return { rules, outputDir, signal: tools.signal, keep };
  }

  async function leaveStanding(): Promise<void> {
    if (standing === null) return;
    await standing.machine.stop();
    await pool.release(standing.group);
  }
}

/** A program that failed in the guest said why. */
function explain(error: Error): string {
  return error instanceof ToolError && error.output !== '' ? `${error.message}: ${error.output}` : error.message;
}

function notStarted(test: ExternalTest, outcome: 'failed' | 'skipped', reason: string): TestResult {
  const { description } = test.declaration;
  const noFiles = { console: null, journal: null, screenshot: null };
  const nothing = { startMs: 0, durationMs: 0, reboots: 0, output: '', ...noFiles, machine: null };
  return { name: test.name, description, outcome, reason, ...nothing };
}

/** As RPM and kola call this machine's architecture. */
function architecture(): string {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
}
