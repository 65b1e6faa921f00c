// Runs one suite to its end and counts its tests from the runner's own report.

import { join } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import { ToolError } from '../../lib/errors.ts';
import { type RunOptions, run } from '../../lib/run.ts';
import { type TestCounts, tapReader } from '../../lib/tap.ts';
import type { CommandTools } from '../command.ts';
import type { Suite } from './suites.ts';

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
    const result = await runToAnyEnd([process.execPath, ...suite.argv], {
      cwd: places.checkout,
      env: environment(places.checkout),
      signal: tools.signal,
      logFile,
      onLine: (line) => {
        if (suite.counts !== 'tap') return;
        tap.read(line);
        const { passed, skipped, failed } = tap.counts();
        if (passed + skipped + failed.length > finished) step.progress(++finished, 0, 'items');
      },
    });
    const counts =
      suite.counts === 'tap'
        ? withRunnerFailure(tap.counts(), result.ending, suite)
        : countStatus(result.ending, suite, result.output);
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
export function withRunnerFailure(counts: TestCounts, ending: string | null, suite: Suite): TestCounts {
  const nothingRan = counts.passed + counts.failed.length === 0;
  if (counts.failed.length > 0 || (ending === null && !nothingRan)) return counts;
  const details = [...(nothingRan ? ['no test ran'] : []), ...(ending === null ? [] : [`the runner ${ending}`])];
  return { ...counts, failed: [{ title: suite.title, details }] };
}

function countStatus(ending: string | null, suite: Suite, output: string): TestCounts {
  if (ending === null) return { passed: 1, skipped: 0, failed: [] };
  const details = output.trim() === '' ? [`the runner ${ending}`] : output.trimEnd().split('\n');
  return { passed: 0, skipped: 0, failed: [{ title: suite.title, details }] };
}

/** @returns how the program ended, `null` when well: one that is killed or crashes must not take the other suites' counts with it */
async function runToAnyEnd(
  argv: readonly string[],
  options: RunOptions,
): Promise<{ readonly ending: string | null; readonly output: string }> {
  try {
    const { stdout, stderr, exitCode } = await run(argv, { ...options, okExitCodes: [0, 1, 2] });
    return { ending: exitCode === 0 ? null : `ended with status ${exitCode}`, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const ending = error.exitCode === null ? `was ended by ${error.signal}` : `ended with status ${error.exitCode}`;
    return { ending, output: error.output };
  }
}

// Tests find our own Node first and share the caller's cache.
function environment(checkout: string): Record<string, string> {
  return {
    PATH: `${join(checkout, 'node_modules/.bin')}:${process.env.PATH ?? '/usr/bin:/bin'}`,
    SLIPWAY_CACHE: cacheDirectory(),
    FORCE_COLOR: '0',
  };
}
