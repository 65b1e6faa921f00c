// Runs tests, and again those below a changed path, until the signal fires. Machines stay frozen between the runs.

import { once } from 'node:events';
import { watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiagnosticsError } from '../../lib/diagnostics.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { discoverTests, type ExternalTest } from './external/discover.ts';
import { machinePool } from './machine-pool.ts';
import { formatSuiteReport } from './report.ts';
import { runSuite } from './run-suite.ts';
import type { SuiteOptions } from './suite-options.ts';

export interface WatchOptions {
  readonly folder: string;
  readonly suite: SuiteOptions;
  /** Chooses among the tests that were found. */
  readonly select: (tests: readonly ExternalTest[]) => ExternalTest[];
}

/** Editors write a file in several steps: what comes within this time is one change. */
const settleMs = 200;

export async function watchTests(options: WatchOptions, tools: WorkerTools): Promise<void> {
  const root = resolve(options.folder);
  const pool = machinePool(true, tools);
  const runOnce = async (changed: ReadonlySet<string> | null): Promise<void> => {
    try {
      const tests = options.select(await discoverTests(options.folder));
      const affected = changed === null ? tests : affectedTests(tests, changed);
      if (affected.length === 0) return;
      const partial = options.suite.partial || affected.length < tests.length;
      const report = await runSuite(affected, { ...options.suite, partial }, tools, pool);
      tools.events.info(formatSuiteReport(report));
    } catch (error) {
      // A half-edited header is what a watcher waits to see mended.
      if (!(error instanceof DiagnosticsError)) throw error;
      tools.events.warning(error.message);
    }
  };
  let pending = new Set<string>();
  const watcher = watch(root, { recursive: true }, (_kind, name) => {
    if (name !== null) pending.add(join(root, name));
  });
  try {
    await runOnce(null);
    tools.events.info(`watching ${options.folder}; Ctrl-C ends`);
    for (;;) {
      if (pending.size === 0) await once(watcher, 'change', { signal: tools.signal });
      await sleep(settleMs, undefined, { signal: tools.signal });
      const changed = pending;
      pending = new Set();
      await runOnce(changed);
    }
  } catch (error) {
    tools.signal.throwIfAborted();
    throw error;
  } finally {
    watcher.close();
    await pool.close();
  }
}

/** A test is affected by its program, its data, its Ignition config, and the kola.json beside it. */
export function affectedTests(tests: readonly ExternalTest[], changed: ReadonlySet<string>): ExternalTest[] {
  const paths = [...changed];
  return tests.filter(({ executable, dataFolder, ignition }) =>
    paths.some(
      (path) =>
        path === executable ||
        path === ignition ||
        (dataFolder !== null && path.startsWith(`${dataFolder}/`)) ||
        path === join(dirname(executable), 'kola.json'),
    ),
  );
}
