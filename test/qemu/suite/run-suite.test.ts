// A whole run with guests made of answers: reports, progress, what is kept and what is left out.

import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readDocument } from '../../../lib/documents.ts';
import { UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { discoverTests, type ExternalTest } from '../../../qemu/suite/external/discover.ts';
import type { MachinePool } from '../../../qemu/suite/machine-pool.ts';
import type { PreparedMachine } from '../../../qemu/suite/prepare-machine.ts';
import type { SuiteReport } from '../../../qemu/suite/report.ts';
import { runSuite } from '../../../qemu/suite/run-suite.ts';
import { type SuiteOptions, suiteDefaults } from '../../../qemu/suite/suite-options.ts';
import { temporaryFolder, tree } from '../../support/temporary.ts';
import { fakeGuest } from './support/fake-guest.ts';

/** Tests by name with the exit status that their script says; headers go below it. */
async function testsWith(t: ExecutionContext, scripts: Readonly<Record<string, string>>): Promise<ExternalTest[]> {
  const folder = await tree(t, scripts);
  for (const name of Object.keys(scripts)) await chmod(join(folder, name), 0o755);
  const found = await discoverTests(folder);
  return found.map((one) => ({ ...one, name: one.name.split('.').at(-1)! }));
}

/** A pool whose machines end each test with the status that `statuses` names; notes starts and stops. */
function fakePool(statuses: Readonly<Record<string, number>>, bootFails = false): MachinePool & { log: string[] } {
  const log: string[] = [];
  const start: PreparedMachine['start'] = async ({ consoleFile, isolated }) => {
    const name = consoleFile.split('/').at(-2)!;
    await writeFile(consoleFile, '');
    log.push(`start ${name}${isolated ? '' : ' with internet'}`);
    const { machine } = fakeGuest({ units: [{ status: statuses[name] ?? 0 }] });
    const folder = '/cache/machines/1-2-1a2b3c4d';
    return { machine: { ...machine, folder, stop: async () => void log.push(`stop ${name}`) }, bootId: 'b' };
  };
  const prepared = { times: null, units: [], distro: 'debian', frozen: true, start } as unknown as PreparedMachine;
  return {
    log,
    prepare: async (_group, { journalFile }) => {
      await writeFile(journalFile, 'the boot\n');
      if (bootFails) throw new UserError('boot-failed', 'the machine stands in the initramfs');
      return prepared;
    },
    release: async () => void log.push('release'),
    close: async () => {},
  };
}

async function setting(t: ExecutionContext, changes: Partial<SuiteOptions> = {}) {
  const outputDir = await temporaryFolder(t);
  const image = join(outputDir, 'image.raw');
  await writeFile(image, 'image');
  const events = new Events();
  const progress: string[] = [];
  events.listen((event) => event.type === 'progress' && progress.push(`${event.done} of ${event.total}`));
  const options: SuiteOptions = {
    ...suiteDefaults,
    ...{ image, outputDir, firmware: 'bios', accelerator: 'tcg', parallel: 1, failFast: false, denylist: [] },
    ...{ command: ['slipway', 'test', 'run', 'image.raw'], partial: false, keep: null },
    ...changes,
  };
  const tools = { events, signal: new AbortController().signal };
  const saved = async (): Promise<SuiteReport> =>
    await readDocument<SuiteReport>(join(outputDir, 'report.json'), 'suite-report', 2);
  return { options, tools, progress, saved };
}

const three = { a: '#!/bin/sh\n', b: '#!/bin/sh\n', c: '#!/bin/sh\n# kola: {"tags": "needs-internet"}\n' };

test('runSuite() counts what is done, and lets out only the network of tests that need it', async (t) => {
  const { options, tools, progress, saved } = await setting(t);
  const pool = fakePool({ b: 3 });
  const report = await runSuite(await testsWith(t, three), options, tools, pool);
  t.deepEqual(progress, ['1 of 3', '2 of 3', '3 of 3']);
  t.deepEqual(
    report.tests.map(({ name, outcome }) => `${name} ${outcome}`),
    ['a passed', 'b failed', 'c passed'],
  );
  t.is(report.imageBytes, 5);
  t.deepEqual(await saved(), report);
  t.deepEqual(pool.log, ['start a', 'stop a', 'start b', 'stop b', 'start c with internet', 'stop c', 'release']);
});

test('runSuite() puts a run of some tests into the report that is there, and tells what changed', async (t) => {
  const { options, tools, saved } = await setting(t);
  const tests = await testsWith(t, three);
  await runSuite(tests, options, tools, fakePool({ b: 3 }));
  const again = await runSuite([tests[1]!], { ...options, partial: true }, tools, fakePool({}));
  t.is(again.tests.length, 1);
  t.like(await saved(), { passed: true, changes: ['b failed the last time'] });
  t.is((await saved()).tests.length, 3);
  await runSuite([tests[1]!], options, tools, fakePool({}));
  t.is((await saved()).tests.length, 1);
});

test('runSuite() keeps the first machine in which a test failed, goes on, and writes the reports before it waits', async (t) => {
  const { options, tools, saved } = await setting(t);
  const pool = fakePool({ a: 1, b: 1 });
  const keep = {
    standing: () => void pool.log.push('standing'),
    wait: async (report: SuiteReport) => {
      pool.log.push('wait');
      t.deepEqual((await saved()).tests, report.tests);
      t.true(existsSync(join(options.outputDir, 'junit.xml')));
    },
  };
  const report = await runSuite(await testsWith(t, three), { ...options, keep }, tools, pool);
  t.deepEqual(pool.log.slice(0, 4), ['start a', 'standing', 'start b', 'stop b']);
  t.deepEqual(pool.log.slice(-3), ['wait', 'stop a', 'release']);
  t.deepEqual(
    report.tests.map(({ machine }) => machine),
    ['1a2b3c4d', null, null],
  );
});

test('runSuite() starts nothing after a failure when it must be fast, and says so', async (t) => {
  const { options, tools } = await setting(t, { failFast: true });
  const { tests } = await runSuite(await testsWith(t, three), options, tools, fakePool({ a: 1 }));
  t.like(tests[2], { outcome: 'skipped', reason: 'an earlier test failed' });
});

test('runSuite() fails the tests of a machine that does not boot, with the reason', async (t) => {
  const { options, tools } = await setting(t);
  const report = await runSuite(await testsWith(t, three), options, tools, fakePool({}, true));
  t.true(report.tests.every(({ reason }) => reason === 'no machine: the machine stands in the initramfs'));
  t.is(report.machines[0]!.failure, 'the machine stands in the initramfs');
});

test('runSuite() names the journal of the boot that tests start from, and shows it in its page', async (t) => {
  const { options, tools } = await setting(t);
  const { machines } = await runSuite(await testsWith(t, three), options, tools, fakePool({}));
  const { console, journal } = machines[0]!;
  t.is(journal, console.replace('-console.txt', '-journal.txt'));
  t.is(await readFile(join(options.outputDir, journal!), 'utf8'), 'the boot\n');
  t.regex(await readFile(join(options.outputDir, 'report.html'), 'utf8'), /Journal of machine 1<.*the boot/s);
});
