import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { keepForPeople } from '../../cli/commands/test/keep.ts';
import { commandOf, type SuiteArguments, suiteOptions } from '../../cli/commands/test/suite-options.ts';
import { Events } from '../../lib/events.ts';
import type { Machine } from '../../qemu/machine-run.ts';
import { suiteReport, testResult } from '../qemu/suite/support/external-test.ts';
import { slipway } from '../support/slipway.ts';
import { temporaryFolder, tree } from '../support/temporary.ts';

const plain = {
  image: 'host.qcow2',
  tests: 'tests/kola',
  output: 'test-report',
  timeout: suiteOptions.timeout.default,
};

test('commandOf() repeats what shapes the machines and their judgement, and nothing else', (t) => {
  t.deepEqual(commandOf(plain), ['slipway', 'test', 'run', 'host.qcow2', '--tests', 'tests/kola']);
  const given: SuiteArguments = {
    ...{ ...plain, accel: 'tcg', machine: 'lab.yaml', memory: 2048, cpus: 2, denylist: 'deny.yaml' },
    ...{ firmware: 'uefi', policy: 'policy.yaml', timeout: 60, output: 'out', parallel: 3 },
  };
  t.is(
    commandOf(given).slice(6).join(' '),
    '--firmware uefi --accel tcg --machine lab.yaml --memory 2048 --cpus 2 --denylist deny.yaml --policy policy.yaml --timeout 60 --output out',
  );
});

test('test run --rerun-failed without a report is a sentence', async (t) => {
  const output = join(await temporaryFolder(t), 'nothing');
  const { stderr, exitCode } = await slipway(['test', 'run', 'host.qcow2', '--rerun-failed', '--output', output]);
  t.is(exitCode, 1);
  t.is(
    stderr,
    `error: there is no report of an earlier run in ${output}\nhint: run all tests first, or name the folder of their report with --output\n`,
  );
});

test('test run --machine points at what is wrong in the file', async (t) => {
  const folder = await tree(t, { 'kola/t': '#!/bin/sh\n', 'lab.yaml': 'firmwar: uefi\n' });
  await chmod(join(folder, 'kola/t'), 0o755);
  const words = ['--tests', join(folder, 'kola'), '--machine', join(folder, 'lab.yaml')];
  const { stderr, exitCode } = await slipway(['test', 'run', 'host.qcow2', ...words]);
  t.is(exitCode, 1);
  t.regex(stderr, /"firmwar"[\s\S]*lab\.yaml:1:1/);
});

test('test run --machine refuses a fixed port of this host', async (t) => {
  const folder = await tree(t, { 'kola/t': '#!/bin/sh\n', 'lab.yaml': 'ports: [80, 8080:81]\n' });
  await chmod(join(folder, 'kola/t'), 0o755);
  const machine = join(folder, 'lab.yaml');
  const words = ['--tests', join(folder, 'kola'), '--machine', machine];
  const { stderr, exitCode } = await slipway(['test', 'run', 'host.qcow2', ...words]);
  t.is(exitCode, 1);
  t.is(
    stderr,
    `error: port 8080 of this host cannot lead to all machines of the tests\nhint: write 81 instead of 8080:81 in ${machine}; each machine then has a free port\n`,
  );
});

test('keepForPeople() tells at once how to enter the machine, shows the report, and waits for Ctrl-C', async (t) => {
  const events = new Events();
  const lines: string[] = [];
  events.listen((event) => {
    if (event.type === 'warning' || event.type === 'info') lines.push(event.message);
  });
  const stop = new AbortController();
  const keeper = keepForPeople('out', { events, signal: stop.signal, json: false });
  const failed = testResult('ext.p.bad', { outcome: 'failed', reason: 'exit status 1' });
  keeper.standing({ folder: '/cache/machines/1-2-1a2b3c4d' } as Machine, failed);
  t.deepEqual(lines, ['ext.p.bad failed; its machine stands, enter it with slipway qemu ssh 1a2b3c4d']);
  let ended = false;
  const waiting = keeper.wait(suiteReport([failed])).then(() => {
    ended = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(ended);
  t.regex(lines[1]!, /ext\.p\.bad: exit status 1[\s\S]*reports: out\/report\.html$/);
  stop.abort();
  await waiting;
});
