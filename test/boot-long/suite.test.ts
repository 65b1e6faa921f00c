// External tests on the sample host, from one boot: what a restored machine is like, and how tests in it are judged.

import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { discoverTests } from '../../qemu/suite/external/discover.ts';
import { machinePool } from '../../qemu/suite/machine-pool.ts';
import { groupByMachine } from '../../qemu/suite/machines.ts';
import type { PreparedMachine } from '../../qemu/suite/prepare-machine.ts';
import { runSuite, suiteDefaults } from '../../qemu/suite/run-suite.ts';
import { restoreMachine } from '../../qemu/suite/snapshot/freeze.ts';
import { bootTimeoutMs, said, tools } from '../boot/support/machine.ts';
import { sampleHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';

const fixtures = fileURLToPath(new URL('../fixtures/kola', import.meta.url));
const pool = machinePool(true, tools);
test.after.always('stop the frozen machine', () => pool.close());

const options = {
  ...suiteDefaults,
  firmware: 'bios',
  accelerator: 'auto',
  parallel: 1,
  failFast: false,
  denylist: [],
  bootTimeoutMs,
  keep: null,
} as const;

/** The fixture `trivial`, and a test that fails after it has written something. */
async function twoTests(t: ExecutionContext): Promise<string> {
  const folder = join(await temporaryFolder(t), 'mine');
  await cp(join(fixtures, 'trivial'), join(folder, 'trivial'));
  await writeFile(join(folder, 'bad'), '#!/bin/sh\necho about to fail\ntouch /var/lib/left-behind\nexit 3\n');
  await chmod(join(folder, 'bad'), 0o755);
  return folder;
}

test.serial('tests run in machines restored from one boot; a failure is told with its output', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const { image } = await sampleHost(tools);
  const outputDir = await temporaryFolder(t);
  const tests = await discoverTests(await twoTests(t));
  const report = await runSuite(tests, { ...options, image, outputDir }, tools, pool);
  t.deepEqual(
    report.tests.map(({ name, outcome, reason }) => ({ name, outcome, reason })),
    [
      { name: 'ext.mine.bad', outcome: 'failed', reason: 'exit status 3' },
      { name: 'ext.mine.trivial', outcome: 'passed', reason: '' },
    ],
  );
  t.is(report.machines.length, 1);
  t.is(report.tests[0]!.output.trim(), 'about to fail');
  t.regex(await readFile(join(outputDir, 'report.html'), 'utf8'), /about to fail/);
  t.log(`started in ${report.tests.map(({ startMs }) => `${startMs} ms`).join(', ')}`);
});

test.serial(
  'a restored machine has the time of now, random numbers of its own and no trace of the others',
  async (t) => {
    t.timeout(bootTimeoutMs);
    const [group] = groupByMachine(await discoverTests(await twoTests(t)), suiteDefaults.memoryMiB);
    const { frozen } = await knownMachine(group!);
    const seen: string[] = [];
    for (let round = 0; round < 2; round++) {
      const machine = await restoreMachine(frozen, {}, tools);
      try {
        const before = Date.now() / 1000;
        const guestTime = Number(await said(machine, 'date', '+%s.%N'));
        t.true(guestTime > before - 2 && guestTime < Date.now() / 1000 + 2, `guest ${guestTime}, host ${before}`);
        seen.push(await said(machine, 'od', '-An', '-N16', '-tx1', '/dev/urandom'));
        t.is((await machine.run(['test', '-e', '/var/lib/left-behind'], { okExitCodes: [0, 1] })).exitCode, 1);
        await machine.run(['touch', '/var/lib/left-behind']);
      } finally {
        await machine.stop();
      }
    }
    t.is(new Set(seen).size, 2);
  },
);

// The machine of the first test: the pool keeps it, so no settings are looked at.
async function knownMachine(group: Parameters<typeof pool.prepare>[0]): Promise<PreparedMachine> {
  const { image } = await sampleHost(tools);
  const settings = { ...options, image, accelerator: 'tcg', workFolder: '', consoleFile: '/dev/null' } as const;
  return await pool.prepare(group, settings);
}
