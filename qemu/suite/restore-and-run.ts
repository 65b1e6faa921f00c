// One test from the frozen machine to its result: restore, run, stop. With `keep` the first failed machine is handed over before it stops.

import { join } from 'node:path';
import { Cancelled } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import type { Machine } from '../machine-run.ts';
import type { DenylistEntry } from './denylist.ts';
import type { ExternalTest } from './external/discover.ts';
import type { TestResult } from './report.ts';
import { runTest, type TestRun, testFiles } from './run-test.ts';
import { type FrozenMachine, restoreMachine } from './snapshot/freeze.ts';

/** Ends when nobody needs the machine any more. */
export type KeepMachine = (machine: Machine, result: TestResult) => Promise<void>;

export interface TestSettings {
  readonly denylist: readonly DenylistEntry[];
  readonly outputDir: string;
  readonly keep: KeepMachine | null;
}

export async function startAndRunTest(
  frozen: FrozenMachine,
  test: ExternalTest,
  settings: TestSettings,
  tools: WorkerTools,
): Promise<TestResult> {
  return await tools.events.step(test.name, async (step) => {
    const startedAtMs = performance.now();
    const files = testFiles(test);
    let startMs = 0;
    let machine: Machine | undefined;
    try {
      let run: TestRun;
      try {
        machine = await restoreMachine(frozen, { consoleFile: join(settings.outputDir, files.console) }, tools);
        startMs = Math.round(performance.now() - startedAtMs);
        const journalFile = join(settings.outputDir, files.journal);
        run = await runTest(machine, test, { denylist: settings.denylist, journalFile });
      } catch (error) {
        if (error instanceof Cancelled || tools.signal.aborted) throw error;
        run = { outcome: 'failed', reason: (error as Error).message, reboots: 0, output: '' };
      }
      const result: TestResult = {
        name: test.name,
        description: test.declaration.description,
        ...run,
        startMs,
        durationMs: Math.round(performance.now() - startedAtMs),
        console: files.console,
        journal: files.journal,
      };
      tell(step, result);
      if (run.outcome === 'failed' && machine !== undefined) await settings.keep?.(machine, result);
      return result;
    } finally {
      await machine?.stop();
    }
  });
}

function tell(step: StepHandle, { outcome, reason }: TestResult): void {
  step.detail(outcome === 'passed' ? 'passed' : `${outcome}: ${reason.split('\n')[0]}`);
  if (outcome === 'failed') step.failed();
}
