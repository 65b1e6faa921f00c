// Runs one suite to its end and counts its tests from the runner's own report.

import { join } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import { run } from '../../lib/run.ts';
import type { CommandTools } from '../command.ts';
import type { Suite } from './suites.ts';
import { type TestCounts, tapReader } from './tap.ts';

export interface SuiteReport extends TestCounts {
  readonly suite: string;
  readonly logFile: string;
}

/** Failing tests are a result, not an error. The whole output is kept in `<logFolder>/<suite>.log`. */
export async function runSuite(
  suite: Suite,
  places: { readonly checkout: string; readonly logFolder: string },
  tools: CommandTools,
): Promise<SuiteReport> {
  return tools.events.step(suite.title, async (step) => {
    const logFile = join(places.logFolder, `${suite.name}.log`);
    const tap = tapReader();
    let finished = 0;
    const result = await run([process.execPath, ...suite.argv], {
      cwd: places.checkout,
      env: environment(places.checkout),
      signal: tools.signal,
      logFile,
      okExitCodes: [0, 1, 2],
      onLine: (line) => {
        if (suite.counts !== 'tap') return;
        tap.read(line);
        const { passed, skipped, failed } = tap.counts();
        if (passed + skipped + failed.length > finished) step.progress(++finished, 0, 'items');
      },
    });
    const counts =
      suite.counts === 'tap'
        ? withRunnerFailure(tap.counts(), result.exitCode, suite)
        : countStatus(result.exitCode, suite, result.stdout + result.stderr);
    step.detail(formatCounts(counts));
    if (counts.failed.length > 0) step.failed();
    return { suite: suite.name, logFile, ...counts };
  });
}

/** `12 passed, 0 failed`, with `, 2 skipped` when there are any: the last line of `slipway self-test`. */
export function formatCounts(counts: TestCounts): string {
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
  return `${counts.passed} passed, ${counts.failed.length} failed${skipped}`;
}

/** A runner that fails without naming a test, or that ran no test at all, must not look like a success. */
export function withRunnerFailure(counts: TestCounts, exitCode: number, suite: Suite): TestCounts {
  const nothingRan = counts.passed + counts.failed.length === 0;
  if (counts.failed.length > 0 || (exitCode === 0 && !nothingRan)) return counts;
  const details = [nothingRan ? 'no test ran' : `the runner ended with status ${exitCode}`];
  return { ...counts, failed: [{ title: suite.title, details }] };
}

function countStatus(exitCode: number, suite: Suite, output: string): TestCounts {
  if (exitCode === 0) return { passed: 1, skipped: 0, failed: [] };
  return { passed: 0, skipped: 0, failed: [{ title: suite.title, details: output.trimEnd().split('\n') }] };
}

// Tests find our own Node first and share the caller's cache.
function environment(checkout: string): Record<string, string> {
  return {
    PATH: `${join(checkout, 'node_modules/.bin')}:${process.env.PATH ?? '/usr/bin:/bin'}`,
    SLIPWAY_CACHE: cacheDirectory(),
    FORCE_COLOR: '0',
  };
}
