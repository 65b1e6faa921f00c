// The words of a host, with a guest made of answers.

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { GuestRunOptions } from '../../../qemu/guest-command.ts';
import { hostOf } from '../../../qemu/host/host.ts';
import { journalArgv } from '../../../qemu/host/journal.ts';
import { slots } from '../../../qemu/host/slots.ts';
import type { Machine } from '../../../qemu/machine-run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

interface Asked {
  readonly argv: readonly string[];
  readonly input: string | undefined;
}

function hostThatSays(answers: Readonly<Record<string, string>>, state = 'running') {
  const asked: Asked[] = [];
  const verdict = { state, failedUnits: [{ unit: 'bad.service', description: '' }] };
  const machine = {
    run: async (argv: readonly string[], { input }: GuestRunOptions = {}) => {
      asked.push({ argv, input: input === undefined ? undefined : Buffer.from(input).toString() });
      return { stdout: answers[argv[0]!] ?? '', stderr: '', exitCode: 0 };
    },
    reboot: async () => verdict,
    powerCut: async () => ({ ...machine, waitForBoot: async () => verdict }),
  };
  return { host: hostOf(machine as unknown as Machine, 1_000), asked };
}

test('expect() gives what was said, or fails with the command and both', async (t) => {
  const { host } = hostThatSays({ cat: ' one\n' });
  t.is(await host.expect(['cat', '/a b'], 'one'), 'one');
  t.is(await host.expect(['cat', '/a b'], /^o/), 'one');
  await t.throwsAsync(host.expect(['cat', '/a b'], 'two'), { message: `cat '/a b' said "one" and not "two"` });
  await t.throwsAsync(host.expect(['cat', '/a b'], /^t/), { message: `cat '/a b' said "one" and not /^t/` });
});

test('reboot() and powerCut() fail when the boot has failed units', async (t) => {
  const { host } = hostThatSays({}, 'degraded');
  const sentence = { message: 'the host booted and is degraded: bad.service failed' };
  await t.throwsAsync(host.reboot(), sentence);
  await t.throwsAsync(host.powerCut(), sentence);
  t.is((await hostThatSays({}).host.reboot()).state, 'running');
});

test('copy() carries bytes and mode both ways, and needs one side in the guest', async (t) => {
  const { host, asked } = hostThatSays({ stat: '755\n', base64: Buffer.from('out\0').toString('base64') });
  const folder = await temporaryFolder(t);
  const file = join(folder, 'file');
  await writeFile(file, 'in\n', { mode: 0o640 });
  await host.copy(file, 'host:/etc/it');
  t.deepEqual(asked, [
    {
      argv: ['install', '-D', '--no-target-directory', '--mode=640', '--', '/dev/stdin', '/etc/it'],
      input: 'in\n',
    },
  ]);
  const back = join(folder, 'back');
  await host.copy('host:/usr/bin/it', back);
  t.is(await readFile(back, 'utf8'), 'out\0');
  t.is((await stat(back)).mode & 0o777, 0o755);
  await t.throwsAsync(host.copy('/a', '/b'), { message: 'one of /a and /b must be in the guest' });
});

test('journal() gives lines without those of journalctl itself', async (t) => {
  const { host } = hostThatSays({ journalctl: '-- No entries --\n' });
  t.deepEqual(await host.journal(), []);
  t.deepEqual(journalArgv({ unit: 'ssh.service', identifier: 'sshd', priority: 'err', match: 'a b' }), [
    ...['journalctl', '--boot', '--no-pager', '--output=short-monotonic'],
    ...['--unit=ssh.service', '--identifier=sshd', '--priority=err', '--grep=a b'],
  ]);
});

test('slots() lets so many in, and the next when one leaves', async (t) => {
  const places = slots(2);
  const inside: number[] = [];
  const enter = (number: number): Promise<void> => places.take().then(() => void inside.push(number));
  await Promise.all([enter(1), enter(2)]);
  const third = enter(3);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(inside, [1, 2]);
  places.give();
  await third;
  t.deepEqual(inside, [1, 2, 3]);
});
