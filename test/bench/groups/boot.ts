// How long boot tests take: a boot of the sample host, a test started from its snapshot, and a run of many trivial ones.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerTools } from '../../../lib/namespace.ts';
import { discoverTests } from '../../../qemu/suite/external/discover.ts';
import { runSuite } from '../../../qemu/suite/run-suite.ts';
import { suiteDefaults } from '../../../qemu/suite/suite-options.ts';
import { sampleHost } from '../../support/sample-host.ts';
import type { Measurement } from '../measure.ts';
import { type BenchmarkGroup, median } from '../report.ts';
import { type BenchSetting, repeat } from '../setting.ts';

const trivialTests = 30;

export async function bootGroup({ runs, work, tools }: BenchSetting): Promise<BenchmarkGroup> {
  const boots: Measurement[] = [];
  const starts: Measurement[] = [];
  const whole: Measurement[] = [];
  await repeat(runs, async (number) => {
    const { boot, started, run } = await runTrivialTests(join(work, String(number)), tools);
    boots.push(seconds(boot));
    starts.push(seconds(median(started)));
    whole.push(seconds(run));
  });
  return {
    title: 'Boot tests of the sample host, without KVM',
    explanation: `Measured from the inside of one run of \`slipway test run\`. **A test started from the snapshot** is the median over its ${trivialTests} tests, from the request for a machine until the
test can begin in it; its peer is the boot from power-on to the frozen machine, base checks included. **${trivialTests} trivial tests** is the whole run, that boot included.`,
    series: [
      { name: 'a test started from the snapshot', own: starts, peer: boots, goal: { seconds: 2 } },
      { name: `${trivialTests} trivial tests`, own: whole, peer: [], goal: { seconds: 120 } },
    ],
  };
}

function seconds(value: number): Measurement {
  return { seconds: value, peakNodeBytes: 0 };
}

interface BootTestSeconds {
  readonly boot: number;
  /** Test by test. */
  readonly started: readonly number[];
  readonly run: number;
}

/** @param work new folder. @throws Error when a test fails. */
async function runTrivialTests(work: string, tools: WorkerTools): Promise<BootTestSeconds> {
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
