// How long boot tests take: a boot of the sample host, a test started from its snapshot, and a run of many trivial ones.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerTools } from '../../lib/namespace.ts';
import { discoverTests } from '../../qemu/suite/external/discover.ts';
import { runSuite } from '../../qemu/suite/run-suite.ts';
import { suiteDefaults } from '../../qemu/suite/suite-options.ts';
import { sampleHost } from '../support/sample-host.ts';

export interface BootTestSeconds {
  /** From power-on until the frozen machine was ready, base checks included. */
  readonly boot: number;
  /** From the request for a machine until a test could begin in it, test by test. */
  readonly started: readonly number[];
  /** The whole run of `trivialTests`, its boot included. */
  readonly run: number;
}

export const trivialTests = 30;

/** @param work empty folder. @throws Error when a test fails. */
export async function measureBootTests(work: string, tools: WorkerTools): Promise<BootTestSeconds> {
  const { image } = await sampleHost(tools);
  const folder = join(work, 'trivial');
  await mkdir(folder, { recursive: true });
  for (let number = 1; number <= trivialTests; number++) {
    await writeFile(join(folder, `test-${number}`), '#!/bin/sh\ntrue\n', { mode: 0o755 });
  }
  const report = await runSuite(
    await discoverTests(folder),
    {
      ...suiteDefaults,
      ...{ image, firmware: 'bios', accelerator: 'auto', parallel: null, failFast: false, denylist: [] },
      ...{ outputDir: join(work, 'report'), command: [], partial: false, keep: null },
    },
    tools,
  );
  const failed = report.tests.find(({ outcome }) => outcome !== 'passed');
  if (failed !== undefined) throw new Error(`${failed.name} ${failed.outcome}: ${failed.reason}`);
  return {
    boot: report.machines[0]!.durationMs / 1000,
    started: report.tests.map(({ startMs }) => startMs / 1000),
    run: report.durationMs / 1000,
  };
}
