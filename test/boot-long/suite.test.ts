// External tests on the sample host: what a restored machine is like, how tests in it are judged, and every fixture of test/fixtures/kola.

import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { discoverTests, type ExternalTest } from '../../qemu/suite/external/discover.ts';
import { imageFile } from '../../qemu/suite/image-file.ts';
import { machinePool } from '../../qemu/suite/machine-pool.ts';
import { groupByMachine } from '../../qemu/suite/machines.ts';
import type { PreparedMachine } from '../../qemu/suite/prepare-machine.ts';
import type { SuiteReport } from '../../qemu/suite/report.ts';
import { runSuite } from '../../qemu/suite/run-suite.ts';
import { writeSkeleton } from '../../qemu/suite/skeleton.ts';
import { type SuiteOptions, suiteDefaults } from '../../qemu/suite/suite-options.ts';
import { alteredImage } from '../boot/support/altered-image.ts';
import { bootTimeoutMs, said, tools } from '../boot/support/machine.ts';
import { mutationsNamed } from '../boot/support/mutations.ts';
import { suiteOptions } from '../boot/support/suite-options.ts';
import { sampleHost } from '../support/sample-host.ts';
import { temporaryFolder } from '../support/temporary.ts';

const fixtures = fileURLToPath(new URL('../fixtures/kola', import.meta.url));
const pool = machinePool(true, tools);
test.after.always('stop the frozen machines', () => pool.close());

/** Runs tests on the sample host, from machines that stay frozen between the tests here. */
async function runTests(
  t: ExecutionContext,
  tests: readonly ExternalTest[],
  changes: Partial<SuiteOptions> = {},
  machines = pool,
): Promise<SuiteReport> {
  const { image } = await sampleHost(tools);
  const report = await runSuite(
    tests,
    { ...suiteOptions, image, outputDir: await temporaryFolder(t), ...changes },
    tools,
    machines,
  );
  t.log(
    report.tests
      .map(({ name, startMs, durationMs }) => `${name}: ${durationMs} ms, started in ${startMs} ms`)
      .join('\n'),
  );
  return report;
}

/** Tests of a folder `mine`, by name. */
async function written(t: ExecutionContext, scripts: Readonly<Record<string, string>>): Promise<ExternalTest[]> {
  const folder = join(await temporaryFolder(t), 'mine');
  await mkdir(folder);
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}`);
    await chmod(join(folder, name), 0o755);
  }
  return await discoverTests(folder);
}

function outcomes({ tests }: SuiteReport): unknown {
  return tests.map(({ name, outcome, reason }) => ({ name, outcome, reason }));
}

test.serial('the first tests of `slipway test new` pass as they are, in both languages', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const folder = join(await temporaryFolder(t), 'mine');
  await writeSkeleton(folder, 'first', 'shell');
  await writeSkeleton(folder, 'second', 'typescript');
  const report = await runTests(t, await discoverTests(folder));
  t.deepEqual(outcomes(report), [
    { name: 'ext.mine.first.sh', outcome: 'passed', reason: '' },
    { name: 'ext.mine.second.boot.ts', outcome: 'passed', reason: '' },
  ]);
});

test.serial('tests run in machines restored from one boot; a failure is told with its output', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const tests = await written(t, {
    bad: 'echo about to fail\ntouch /var/lib/left-behind\nexit 3\n',
    // Both the unit and the line belong to the test, though the clock is an hour behind when they come.
    'late-failure': 'date --set="1 hour ago"\nsystemd-run --unit=broken false\nsleep 2\n',
    good: 'test ! -e /var/lib/left-behind\n',
  });
  const outputDir = await temporaryFolder(t);
  const report = await runTests(t, tests, { outputDir });
  t.deepEqual(outcomes(report), [
    { name: 'ext.mine.bad', outcome: 'failed', reason: 'exit status 3' },
    { name: 'ext.mine.good', outcome: 'passed', reason: '' },
    { name: 'ext.mine.late-failure', outcome: 'failed', reason: 'broken.service failed' },
  ]);
  t.is(report.machines.length, 1);
  t.true(report.machines[0]!.units.some(({ unit }) => unit === 'multi-user.target'));
  t.is(report.tests[0]!.output.trim(), 'about to fail');
  t.regex(await readFile(join(outputDir, 'report.html'), 'utf8'), /about to fail/);
  t.regex(await readFile(join(outputDir, 'tests/ext.mine.late-failure/journal.txt'), 'utf8'), /broken\.service/);
});

test.serial(
  'two restored machines at once have the time of now, random numbers of their own and no trace of each other',
  async (t) => {
    t.timeout(bootTimeoutMs);
    const [group] = groupByMachine(await written(t, { any: '' }), suiteDefaults.memoryMiB);
    const prepared = await knownMachine(group!);
    const consoleFiles = await Promise.all(['one', 'two'].map(async (name) => join(await temporaryFolder(t), name)));
    const started = await Promise.all(
      consoleFiles.map((consoleFile) => prepared.start({ consoleFile, isolated: true })),
    );
    try {
      const seen: string[] = [];
      for (const { machine, bootId } of started) {
        const before = Date.now() / 1000;
        const guestTime = Number(await said(machine, 'date', '+%s.%N'));
        t.true(guestTime > before - 2 && guestTime < Date.now() / 1000 + 2, `guest ${guestTime}, host ${before}`);
        t.is(await said(machine, 'cat', '/proc/sys/kernel/random/boot_id'), bootId);
        seen.push(await said(machine, 'od', '-An', '-N16', '-tx1', '/dev/urandom'));
        t.is((await machine.run(['test', '-e', '/var/lib/left-behind'], { okExitCodes: [0, 1] })).exitCode, 1);
        await machine.run(['touch', '/var/lib/left-behind']);
      }
      t.is(new Set(seen).size, 2);
    } finally {
      await Promise.all(started.map(({ machine }) => machine.stop()));
    }
  },
);

test.serial('a test that hangs ends when its time is over, and so does one whose guest answers no more', async (t) => {
  t.timeout(bootTimeoutMs);
  const tests = await written(t, {
    hangs: 'echo waiting\nsleep infinity\n',
    vanishes: 'cd /sys/class/net\nfor card in e*; do ip link set $card down; done\nsleep infinity\n',
  });
  const hurried = tests.map((one) => ({ ...one, declaration: { ...one.declaration, timeoutMin: 0.25 } }));
  const [hangs, vanishes] = (await runTests(t, hurried)).tests;
  t.like(hangs, { outcome: 'failed', reason: 'did not end within 0.25 min', reboots: 0 });
  t.is(vanishes!.outcome, 'failed');
  t.regex(vanishes!.reason, /^did not end within 0\.25 min/);
  t.true(vanishes!.durationMs < 300_000, `${vanishes!.durationMs} ms`);
});

test.serial('machines that no snapshot can hold are booted for each test', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const tests = await written(t, { disk: 'modprobe nvme\nudevadm settle\ntest -b /dev/nvme0n1\n' });
  const machine = { hardware: { extraDisks: [{ sizeMiB: 64, bus: 'nvme', serial: null }] } } as const;
  const report = await runTests(t, tests, { machine }, machinePool(false, tools));
  t.deepEqual(outcomes(report), [{ name: 'ext.mine.disk', outcome: 'passed', reason: '' }]);
});

test.serial('a boot that a test brings about is judged as the first one is', async (t) => {
  t.timeout(bootTimeoutMs);
  const unit = '[Service]\\nType=oneshot\\nExecStart=false\\n[Install]\\nWantedBy=multi-user.target\\n';
  const tests = await written(t, {
    breaks: `test -z "$AUTOPKGTEST_REBOOT_MARK" || exit 0
printf '${unit}' >/etc/systemd/system/breaks-boot.service
systemctl enable breaks-boot.service
/tmp/autopkgtest-reboot broken
`,
  });
  const [result] = (await runTests(t, tests)).tests;
  t.like(result, { outcome: 'failed', reboots: 1 });
  t.regex(result!.reason, /not true that no unit failed: breaks-boot\.service/);
});

test.serial('a boot that hangs ends when the policy says so, and the report has its journal', async (t) => {
  t.timeout(bootTimeoutMs);
  const [hangs] = mutationsNamed('a unit hangs');
  const folder = await temporaryFolder(t);
  const image = await alteredImage((await sampleHost(tools)).image, folder, hangs!.alter);
  const policy = { ...suiteOptions.policy, stuckAfterSeconds: 20 };
  const changes = { image, policy, outputDir: folder };
  const { tests, machines } = await runTests(t, await written(t, { any: '' }), changes, machinePool(false, tools));
  t.regex(tests[0]!.reason, /not true that no job is stuck: hung\.service: its start job is running/);
  const { journal, durationMs } = machines[0]!;
  const lines = await readFile(join(folder, journal!), 'utf8');
  const begins = /^\[ *(\d+)\.\d+\] systemd\[1\]: Starting hung\.service/m.exec(lines);
  // With the strict policy it would take 120 s more from there.
  t.true(durationMs / 1000 - Number(begins![1]) < 120, `${durationMs} ms`);
});

test.serial('30 tests in one run all pass', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const folder = join(await temporaryFolder(t), 'mine');
  for (let index = 0; index < 30; index++) await cp(join(fixtures, 'trivial'), join(folder, `trivial-${index}`));
  const report = await runTests(t, await discoverTests(folder), { parallel: null });
  t.log(`30 tests in ${(report.durationMs / 1000).toFixed(1)} s`);
  t.is(report.tests.length, 30);
  t.deepEqual(
    report.tests.filter(({ outcome }) => outcome !== 'passed'),
    [],
  );
});

test.serial('every fixture passes: reboots, data, disks, network cards, memory and kernel arguments', async (t) => {
  t.timeout(bootTimeoutMs * 4);
  const report = await runTests(t, await discoverTests(fixtures));
  t.deepEqual(
    report.tests.map(({ name, outcome, reason, reboots }) => ({ name, outcome, reason, reboots })),
    [
      { name: 'ext.fixtures.hardware', outcome: 'passed', reason: '', reboots: 1 },
      { name: 'ext.fixtures.kernel-arguments', outcome: 'passed', reason: '', reboots: 0 },
      { name: 'ext.fixtures.memory', outcome: 'passed', reason: '', reboots: 0 },
      { name: 'ext.fixtures.reboot', outcome: 'passed', reason: '', reboots: 2 },
      { name: 'ext.fixtures.trivial', outcome: 'passed', reason: '', reboots: 0 },
      { name: 'ext.fixtures.with-data', outcome: 'passed', reason: '', reboots: 0 },
    ],
  );
});

// The machine of the first test: the pool keeps it, so only the image of the settings is looked at.
async function knownMachine(group: Parameters<typeof pool.prepare>[0]): Promise<PreparedMachine> {
  const { image } = await sampleHost(tools);
  const rules = { firmware: 'bios', policy: suiteOptions.policy, denylist: [] } as const;
  const machine = {
    ...suiteOptions,
    image,
    imageIdentity: (await imageFile(image)).identity,
    accelerator: 'tcg',
    rules,
  } as const;
  const nowhere = { consoleFile: '/dev/null', journalFile: '/dev/null', screenshotFile: '/dev/null' };
  return await pool.prepare(group, { ...machine, ...nowhere });
}
