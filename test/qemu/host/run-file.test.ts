// Test files in TypeScript through AVA itself, in a folder with nothing installed; their tests need no machine.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { processStartTime } from '../../../lib/process-start-time.ts';
import { runTestFile } from '../../../qemu/host/run-file.ts';
import { discoverTests } from '../../../qemu/suite/external/discover.ts';
import { writeSkeleton } from '../../../qemu/suite/skeleton.ts';
import type { FrozenState } from '../../../qemu/suite/snapshot/freeze.ts';
import { processesNaming } from '../../support/processes.ts';
import { temporaryFolder, tree } from '../../support/temporary.ts';

const head = `import test from 'ava';
import { bootTest } from 'slipway/testing';
test('bootTest() is there', (t) => t.is(typeof bootTest, 'function'));
`;

async function runFile(t: ExecutionContext, text: string) {
  const folder = await tree(t, { 'mine/net.boot.ts': text, 'mine/kola.json': '{"timeoutMin": 2}' });
  const [found] = await discoverTests(join(folder, 'mine'));
  t.is(found!.name, 'ext.mine.net.boot.ts');
  const frozen = { folder: await temporaryFolder(t), options: { image: '/image' } } as unknown as FrozenState;
  return await runTestFile(found!, frozen, new AbortController().signal);
}

test('runTestFile() passes when all tests of the file pass', async (t) => {
  const image = `test('image', (t) => t.is(process.env.SLIPWAY_TEST_IMAGE, '/image'));`;
  const { output, ...run } = await runFile(t, head + image);
  t.deepEqual(run, { outcome: 'passed', reason: '', reboots: 0 });
  t.regex(output, /^ok 2 - image$/m);
});

test('runTestFile() names the tests that fail', async (t) => {
  const { outcome, reason, output } = await runFile(t, `${head}test('one is two', (t) => t.is(1, 2));`);
  t.deepEqual({ outcome, reason }, { outcome: 'failed', reason: '1 of 2 failed: one is two' });
  t.regex(output, /not ok \d - one is two/);
});

test('runTestFile() fails when the file cannot be read or has no test, and skips when all are skipped', async (t) => {
  t.is((await runFile(t, 'import "./missing.ts";')).outcome, 'failed');
  t.is((await runFile(t, 'export {};')).outcome, 'failed');
  const skipped = await runFile(t, `import test from 'ava'; test.skip('later', () => {});`);
  t.like(skipped, { outcome: 'skipped', reason: 'the file skips all its tests' });
});

test('a run that is killed with SIGKILL takes its tests with it', async (t) => {
  const work = await temporaryFolder(t);
  const pidFile = join(work, 'pid');
  const waits = `import { writeFileSync } from 'node:fs';
test('waits', async (t) => {
  writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
  await new Promise((resolve) => setTimeout(resolve, 120_000));
  t.pass();
});`;
  const folder = join(await tree(t, { 'mine/waits.boot.ts': head + waits }), 'mine');
  const script = fileURLToPath(new URL('../support/run-file-and-wait.ts', import.meta.url));
  const harness = spawn(process.execPath, [script, folder, work], { stdio: ['ignore', 'inherit', 'inherit'] });
  t.teardown(() => harness.kill('SIGKILL'));
  const soon = async (holds: () => boolean | Promise<boolean>): Promise<boolean> => {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(50)) {
      if (await holds()) return true;
    }
    return false;
  };
  const pidSoFar = (): Promise<string> => readFile(pidFile, 'utf8').catch(() => '');
  t.true(await soon(async () => (await pidSoFar()) !== ''));
  const pid = await pidSoFar();
  t.teardown(() => processStartTime(Number(pid)) !== null && process.kill(Number(pid), 'SIGKILL'));
  harness.kill('SIGKILL');
  await once(harness, 'exit');
  t.true(await soon(() => processStartTime(Number(pid)) === null));
  t.true(await soon(async () => (await processesNaming('waits.boot.ts')).length === 0));
});

test('a test in TypeScript needs a machine that can be frozen', async (t) => {
  const folder = join(await temporaryFolder(t), 'mine');
  await writeSkeleton(folder, 'first', 'typescript');
  const [found] = await discoverTests(folder);
  t.like(await runTestFile(found!, null, new AbortController().signal), {
    outcome: 'failed',
    reason: 'tests in TypeScript need a machine that can be frozen',
  });
});

test('the example of the documentation is what `slipway test new --ts` writes', async (t) => {
  const text = await readFile(await writeSkeleton(await temporaryFolder(t), 'first', 'typescript'), 'utf8');
  const documentation = await readFile(new URL('../../../docs/boot-tests.md', import.meta.url), 'utf8');
  t.true(documentation.includes(text.replace(/^(?=.)/gm, '    ')), text);
});
