// One test from the prepared machine to its result: start, run, stop. A machine that is kept for people is not stopped.

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Cancelled } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import { isTestFile, runTestFile } from '../host/run-file.ts';
import { machineName } from '../machine-record.ts';
import type { Machine } from '../machine-run.ts';
import { failedScreen } from '../screen.ts';
import type { ExternalTest } from './external/discover.ts';
import type { BootRules } from './judgement.ts';
import { needsInternet } from './machines.ts';
import type { PreparedMachine } from './prepare-machine.ts';
import { type TestResult, testFiles } from './report.ts';
import { runTest, type TestRun } from './run-test.ts';

export interface TestSettings {
  readonly rules: BootRules;
  readonly outputDir: string;
  readonly signal: AbortSignal;
  /** Whether the machine of this failed test is to stand; whoever says so stops it. */
  readonly keep: (machine: Machine, result: TestResult) => boolean;
}

export async function startAndRunTest(
  prepared: PreparedMachine,
  test: ExternalTest,
  settings: TestSettings,
  step: StepHandle,
): Promise<TestResult> {
  const startedAtMs = performance.now();
  const files = testFiles(test.name);
  const consoleFile = join(settings.outputDir, files.console);
  await mkdir(dirname(consoleFile), { recursive: true });
  let startMs = 0;
  let machine: Machine | undefined;
  let kept = false;
  try {
    let run: TestRun;
    try {
      // A file in TypeScript starts its machines itself, one for each of its tests.
      if (isTestFile(test)) run = await runTestFile(test, prepared.snapshot, settings.signal);
      else {
        const started = await prepared.start({ consoleFile, isolated: !needsInternet(test.declaration) });
        machine = started.machine;
        startMs = Math.round(performance.now() - startedAtMs);
        const journalFile = join(settings.outputDir, files.journal);
        run = await runTest(started, test, { rules: settings.rules, journalFile });
      }
    } catch (error) {
      if (error instanceof Cancelled || settings.signal.aborted) throw error;
      run = { outcome: 'failed', reason: (error as Error).message, reboots: 0, output: '' };
    }
    const failed = run.outcome === 'failed' && machine !== undefined;
    const result: TestResult = {
      name: test.name,
      description: test.declaration.description,
      ...run,
      startMs,
      durationMs: Math.round(performance.now() - startedAtMs),
      ...(isTestFile(test) ? { console: null, journal: null } : files),
      screenshot: failed ? await failedScreen(machine!, settings.outputDir, files.screenshot) : null,
      machine: null,
    };
    tell(step, result);
    kept = failed && settings.keep(machine!, result);
    return kept ? { ...result, machine: machineName(machine!.folder) } : result;
  } finally {
    if (!kept) await machine?.stop();
  }
}

function tell(step: StepHandle, { outcome, reason }: TestResult): void {
  step.detail(outcome === 'passed' ? 'passed' : `${outcome}: ${reason.split('\n')[0]}`);
  if (outcome === 'failed') step.failed();
}
