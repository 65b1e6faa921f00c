// How a test is run through its reboots and judged, in a guest made of answers.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { strictPolicy } from '../../../qemu/base-checks.ts';
import type { Declaration } from '../../../qemu/suite/external/declaration.ts';
import { parseRequest } from '../../../qemu/suite/guest-reboot.ts';
import { runTest, type TestRun } from '../../../qemu/suite/run-test.ts';
import { runUnit, runUnitOfBoot } from '../../../qemu/suite/test-unit.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { externalTest } from './support/external-test.ts';
import { booted, type FakeAnswers, type FakeGuest, fakeGuest } from './support/fake-guest.ts';

async function runIn(
  t: ExecutionContext,
  answers: FakeAnswers,
  declaration: Partial<Declaration> = {},
): Promise<TestRun & FakeGuest & { readonly journal: string }> {
  const folder = await temporaryFolder(t);
  const executable = join(folder, 'test.sh');
  await writeFile(executable, '#!/bin/sh\n');
  const guest = fakeGuest(answers);
  const rules = { firmware: 'bios', policy: strictPolicy, denylist: [] } as const;
  const journalFile = join(folder, 'journal.txt');
  const one = { ...externalTest('ext.p.t', declaration), executable };
  const result = await runTest({ machine: guest.machine, bootId: 'boot-1' }, one, { rules, journalFile });
  return { ...result, ...guest, journal: await readFile(journalFile, 'utf8') };
}

/** Milliseconds, as a part of a minute. */
const ms = (milliseconds: number): number => milliseconds / 60_000;
const brokenUnit = { failedUnits: [{ unit: 'a.service', description: 'A' }] };

const runs: readonly (readonly [
  title: string,
  answers: FakeAnswers,
  result: Partial<TestRun>,
  declaration?: Partial<Declaration>,
])[] = [
  ['passes with exit status 0', { units: [{ status: 0 }] }, { outcome: 'passed', reason: '', output: 'said\n' }],
  ['fails with any other', { units: [{ status: 3 }] }, { outcome: 'failed', reason: 'exit status 3' }],
  ['skips with exit status 77', { units: [{ status: 77 }] }, { outcome: 'skipped' }],
  [
    'fails for a unit that failed and for a bad line of the journal',
    { units: [{ status: 0 }], failedUnits: 'b.service loaded failed\n', journal: 'kernel: Oops: 0002 [#1]\n' },
    { outcome: 'failed', reason: 'b.service failed; kernel-oops: kernel: Oops: 0002 [#1]' },
  ],
  [
    'passes all the same when it says skip-base-checks',
    { units: [{ status: 0 }], failedUnits: 'b.service loaded failed\n', journal: 'kernel: Oops: 0002 [#1]\n' },
    { outcome: 'passed' },
    { tags: ['skip-base-checks'] },
  ],
  [
    'starts again with the mark after a reboot that it asks for',
    { units: [{ status: 1, request: 'reboot one mark' }, { status: 0 }], boots: [booted('boot-2')] },
    { outcome: 'passed', reboots: 1, output: 'said\n\n--- reboot, mark one mark\nsaid\n' },
  ],
  [
    'starts again after a reboot of its own',
    { units: [{ lost: true, request: 'reboot own' }, { status: 0 }], boots: [booted('boot-2')] },
    { outcome: 'passed', reboots: 1 },
  ],
  [
    'starts again after a reboot of its own that ends it before the guest is gone',
    { units: [{ status: 143, request: 'reboot own', dies: true }, { status: 0 }], boots: [booted('boot-2')] },
    { outcome: 'passed', reboots: 1 },
  ],
  [
    'fails when its guest reboots as it ends',
    { units: [{ status: 0, dies: true }], boots: [booted('boot-2')] },
    { outcome: 'failed', reason: 'the machine rebooted without autopkgtest-reboot', reboots: 1 },
  ],
  [
    'fails for a reboot that it did not announce',
    { units: [{ lost: true }], boots: [booted('boot-2')] },
    { outcome: 'failed', reason: 'the machine rebooted without autopkgtest-reboot', reboots: 1 },
  ],
  [
    'is not taken in by a second verdict of the same boot',
    { units: [{ status: 1, request: 'reboot m' }], boots: [booted('boot-1')] },
    { outcome: 'failed', reason: 'the machine did not reboot: it is still in boot boot-1' },
  ],
  [
    'expects the same boot id after a soft reboot',
    { units: [{ status: 1, request: 'soft-reboot m' }, { status: 0 }], boots: [booted('boot-1')] },
    { outcome: 'passed', reboots: 1, output: 'said\n\n--- soft-reboot, mark m\nsaid\n' },
  ],
  [
    'fails at once when systemd refuses the reboot',
    { units: [{ status: 1, request: 'reboot m' }], refusal: 'Unit reboot.target is masked.' },
    {
      outcome: 'failed',
      reason: 'the machine refuses the reboot: systemctl reboot ended with status 1: Unit reboot.target is masked.',
      reboots: 0,
    },
  ],
  [
    'fails for a boot that the base checks find fault with',
    { units: [{ status: 1, request: 'reboot m' }, { status: 0 }], boots: [booted('boot-2', brokenUnit)] },
    { outcome: 'failed', reason: 'not true that no unit failed: a.service (A)' },
  ],
  [
    'fails for the machine that ends',
    { units: [{ lost: true }], boots: [{ type: 'ended', exit: { exitCode: 1, signal: null, output: '' } }] },
    {
      outcome: 'failed',
      reason:
        'the test lost its machine: the machine ended in the firmware before the boot was complete; the console said nothing',
    },
  ],
];
for (const [title, answers, result, declaration] of runs) {
  test(`a test ${title}`, async (t) => t.like(await runIn(t, answers, declaration), result));
}

test('a test whose machine does not come back fails when its time is over, and says what was waited for', async (t) => {
  const lost = await runIn(t, { units: [{ lost: true }] }, { timeoutMin: ms(300) });
  t.regex(
    lost.reason,
    /^did not end within 0\.005 min: the connection to the guest was lost: the boot was not complete/,
  );
  t.true(lost.bootLimitsMs[0]! <= 300, `${lost.bootLimitsMs}`);
  const rebooted = await runIn(t, { units: [{ status: 1, request: 'reboot m' }] }, { timeoutMin: ms(3_000) });
  t.regex(rebooted.reason, /^did not end within 0\.05 min: its machine did not boot again/);
});

test('a test that its unit ends because its time is over is late, not failed', async (t) => {
  const late = await runIn(t, { units: [{ status: 1, request: 'reboot m' }] }, { timeoutMin: 0 });
  t.like(late, { outcome: 'failed', reason: 'did not end within 0 min', reboots: 0 });
});

test('the journal of a test is told by cursors, not by the clock, and kept', async (t) => {
  const { commands, journal } = await runIn(t, { units: [{ status: 0 }], journal: '[    9.1] sshd[7]: hello\n' });
  const reads = commands.filter((command) => command.startsWith('journalctl'));
  t.is(reads.length, 2);
  t.regex(reads[0]!, /--show-cursor --lines=1$/);
  t.regex(reads[1]!, /--show-cursor --after-cursor=s=1$/);
  t.is(journal, '[    9.1] sshd[7]: hello\n');
});

test('after a reboot the end of the boot before it is asked for by its id', async (t) => {
  const boots = [booted('b00t-2')];
  const { commands } = await runIn(t, { units: [{ status: 1, request: 'reboot m' }, { status: 0 }], boots });
  t.true(
    commands.some((command) => command.endsWith('--after-cursor=s=1 _BOOT_ID=boot1')),
    commands.join('\n'),
  );
});

test('runUnitOfBoot() ends with the verdict of a new boot when nobody notices that the connection broke', async (t) => {
  const { machine, commands } = fakeGuest({ units: [{ silent: true }], newVerdict: true });
  const startedAtMs = performance.now();
  t.deepEqual(await runUnitOfBoot(machine, 0, ['systemd-run'], 60_000), { type: 'lost', output: '' });
  t.true(performance.now() - startedAtMs < 50_000);
  t.deepEqual(commands.slice(1), ['(forget connection)']);
  const unnoticed = fakeGuest({ units: [{ status: 0 }] });
  t.like(await runUnitOfBoot(unnoticed.machine, 0, ['systemd-run'], 60_000), { type: 'exit', status: 0 });
});

test('runUnit() tells a guest that answers no more from a connection that broke', async (t) => {
  const end = async (answer: FakeAnswers['units'][number]) =>
    await runUnit(fakeGuest({ units: [answer] }).machine, ['systemd-run'], 50);
  t.deepEqual(await end({ silent: true }), { type: 'silent', output: 'said\n' });
  t.deepEqual(await end({ lost: true }), { type: 'lost', output: 'said\n' });
  t.deepEqual(await end({ status: 4 }), { type: 'exit', status: 4, output: 'said\n' });
});

test('parseRequest() reads what the commands for reboots leave', (t) => {
  t.deepEqual(parseRequest('reboot a b'), { kind: 'reboot', mark: 'a b' });
  t.deepEqual(parseRequest('soft-reboot x'), { kind: 'soft-reboot', mark: 'x' });
  for (const wrong of ['', 'reboot ', 'halt x']) t.is(parseRequest(wrong), null);
});
