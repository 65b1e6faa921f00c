import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { writeDocument } from '../../lib/documents.ts';
import { followArgv } from '../../qemu/attach.ts';
import {
  forgetMachine,
  killMachine,
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
  const qemu = { qemuPid: 7, qemuStartTime: '1' };
  const files = { consoleFile, sshKeyFile: '/k', monitorSocket: '/m' };
  const record = { image, sshPort, ...qemu, ...files, startedAt: '2026-01-01T00:00:00Z' };
  return { kind: 'machine-record', version: 2, name, ...record };
}

test('a process that got the pid of an ended QEMU is no machine, and killMachine() leaves it alone', async (t) => {
  const parent = await temporaryFolder(t);
  const folder = join(parent, '1-2-aaaaaaaa');
  await mkdir(folder);
  const innocent = spawn('sleep', ['1000'], { stdio: 'ignore' });
  t.teardown(() => innocent.kill());
  const record = await recordMachine(folder, { ...facts, qemuPid: innocent.pid! });
  t.deepEqual(await listMachines(parent), [record]);
  const stale = { ...record, qemuStartTime: String(Number(record.qemuStartTime) - 1) };
  await writeDocument(join(folder, 'machine.json'), stale);
  t.deepEqual(await listMachines(parent), []);
  t.throws(() => killMachine(stale), { message: 'the machine aaaaaaaa has ended already' });
  t.is(innocent.signalCode, null);
  killMachine(record);
  t.deepEqual(await once(innocent, 'exit'), [null, 'SIGKILL']);
});

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
