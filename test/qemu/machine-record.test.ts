import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { followArgv } from '../../qemu/attach.ts';
import {
  forgetMachine,
  listMachines,
  type MachineRecord,
  pickMachine,
  recordMachine,
} from '../../qemu/machine-record.ts';
import { temporaryFolder } from '../support/temporary.ts';

const facts = { image: '/i.qcow2', sshPort: 4022, consoleFile: '/c.log', privateKey: 'secret\n' };

test('listMachines() finds machines whose QEMU runs, and passes over the rest', async (t) => {
  const parent = await temporaryFolder(t);
  for (const name of ['1-2-aaaaaaaa', '1-2-bbbbbbbb', '1-2-cccccccc']) await mkdir(join(parent, name));
  const running = await recordMachine(join(parent, '1-2-aaaaaaaa'), { ...facts, qemuPid: process.pid });
  await recordMachine(join(parent, '1-2-bbbbbbbb'), { ...facts, qemuPid: 2 ** 22 + 1 });
  t.deepEqual(await listMachines(parent), [running]);
  t.is(running.name, 'aaaaaaaa');
  await forgetMachine(join(parent, '1-2-aaaaaaaa'));
  t.deepEqual(await listMachines(parent), []);
  t.deepEqual(await listMachines(join(parent, 'nowhere')), []);
});

function machine(name: string): MachineRecord {
  const { image, sshPort, consoleFile } = facts;
  const record = { image, sshPort, consoleFile, qemuPid: 7, sshKeyFile: '/k', startedAt: '2026-01-01T00:00:00Z' };
  return { kind: 'machine-record', version: 1, name, ...record };
}

test('pickMachine() takes the named one, or the only one, and else says what there is', (t) => {
  const [a, b] = [machine('aaaa1111'), machine('bbbb2222')];
  t.is(pickMachine([a], undefined), a);
  t.is(pickMachine([a, b], 'bbbb2222'), b);
  t.throws(() => pickMachine([], undefined), { message: 'no machine runs' });
  t.throws(() => pickMachine([a, b], undefined), { message: '2 machines run: aaaa1111, bbbb2222' });
  const wrong = t.throws(() => pickMachine([a, b], 'aaaa1112'));
  t.like(wrong, { message: 'no machine "aaaa1112" runs', hint: 'did you mean aaaa1111?' });
});

test('followArgv() ends with QEMU', (t) => {
  t.deepEqual(followArgv(machine('a')), ['tail', '--lines=+1', '--follow', '--pid=7', '/c.log']);
});
