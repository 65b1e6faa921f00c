// Power cuts of a real QEMU. Its monitor writes and flushes in the place of the guest, which does nothing.

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { diskPath } from '../../../qemu/argv/disks.ts';
import { type Machine, type MachineOptions, startMachine } from '../../../qemu/machine-run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { haltingMachine } from '../support/tiny-image.ts';

const signal = new AbortController().signal;

/** UEFI, because it can flush: QEMU writes everything through at once for firmware that cannot, such as SeaBIOS. */
async function flushingMachine(t: ExecutionContext): Promise<MachineOptions> {
  return { ...(await haltingMachine(t)), firmware: 'uefi', memoryMiB: 256, hardware: { writeLog: true } };
}

async function disk(machine: Machine, command: string, index = 0): Promise<void> {
  await machine.qemu.qmp.human(`qemu-io -d ${diskPath(index, 'virtio')} "${command}"`);
}

/** First byte of each of these sectors, as a file of the machine holds them; by default the disk that is booted. */
async function sectors(
  t: ExecutionContext,
  machine: Machine,
  numbers: readonly number[],
  name = 'overlay.qcow2',
): Promise<number[]> {
  const raw = join(await temporaryFolder(t), 'disk.raw');
  await run(['qemu-img', 'convert', '--force-share', '-O', 'raw', join(machine.folder, name), raw], { signal });
  const bytes = await readFile(raw);
  return numbers.map((number) => bytes[number * 512]!);
}

test.serial('powerCut() keeps what was flushed and loses what was not', async (t) => {
  const told: string[] = [];
  const events = new Events();
  events.listen((event) => event.type === 'info' && told.push(event.message));
  const before = await startMachine(await flushingMachine(t), { events, signal });
  t.teardown(() => before.stop());
  await disk(before, 'write -P 65 64k 64k');
  await disk(before, 'flush');
  await disk(before, 'write -P 66 64k 512');
  await disk(before, 'write -P 66 512k 512');

  const after = await before.powerCut();
  t.teardown(() => after.stop());
  t.deepEqual(told, ['power cut: 2 of 3 writes are lost']);
  t.false(existsSync(`/proc/${before.qemu.pid}`));
  t.deepEqual(await sectors(t, after, [128, 129, 1024]), [65, 65, 0]);
  t.deepEqual((await sectors(t, after, [0]))[0], 0xfa, 'the boot sector is the image’s');

  await disk(after, 'write -P 68 64k 512');
  await disk(after, 'flush');
  const last = await after.powerCut();
  t.teardown(() => last.stop());
  t.deepEqual(await sectors(t, last, [128, 129, 1024]), [68, 65, 0]);
  await last.stop();
  for (const machine of [before, after, last]) t.false(existsSync(machine.folder), machine.folder);
});

test.serial('powerCut() of a machine without a write log says what it needs, and stops the machine', async (t) => {
  const machine = await startMachine(await haltingMachine(t), { events: new Events(), signal });
  t.teardown(() => machine.stop());
  await t.throwsAsync(machine.powerCut(), {
    message: 'a machine without a write log cannot tell what survives a power cut',
  });
  t.false(existsSync(machine.folder));
});

test.serial('powerCut() lets chance keep some unflushed writes on request', async (t) => {
  const machine = await startMachine(await flushingMachine(t), { events: new Events(), signal });
  t.teardown(() => machine.stop());
  const numbers = Array.from({ length: 14 }, (_, index) => 128 + 128 * index);
  for (const number of numbers) await disk(machine, `write -P 65 ${number * 512} 512`);
  const after = await machine.powerCut({ type: 'chance', seed: 'some' });
  t.teardown(() => after.stop());
  const kept = (await sectors(t, after, numbers)).map((byte) => (byte === 65 ? 'x' : '.')).join('');
  t.is(kept, '.x...x..x.....');
});

test.serial('powerCut() keeps what was flushed to other disks, the UEFI variables and the TPM', async (t) => {
  const told: string[] = [];
  const events = new Events();
  events.listen((event) => event.type === 'info' && told.push(event.message));
  const options = await flushingMachine(t);
  const extraDisks = [
    { sizeMiB: 4, bus: 'virtio', serial: null },
    { sizeMiB: 4, bus: 'scsi', serial: null },
  ] as const;
  const hardware = { ...options.hardware, extraDisks, tpm: true };
  const before = await startMachine({ ...options, hardware }, { events, signal });
  t.teardown(() => before.stop());
  await disk(before, 'write -P 65 64k 512', 1);
  await disk(before, 'flush', 1);
  await disk(before, 'write -P 66 128k 512', 1);
  await before.qemu.qmp.human('qemu-io disk2 "write -P 67 64k 512"');
  await before.qemu.qmp.human('qemu-io disk2 flush');
  // The last sector is spare: no firmware writes it for itself.
  await before.qemu.qmp.human('qemu-io variables "write -P 68 0x83e00 512"');
  await writeFile(join(before.folder, 'tpm/marker'), '');

  const after = await before.powerCut();
  t.teardown(() => after.stop());
  t.deepEqual(told, ['power cut: 1 of 2 writes are lost']);
  t.deepEqual(await sectors(t, after, [128, 256], 'extra0-overlay.qcow2'), [65, 0]);
  t.deepEqual(await sectors(t, before, [128], 'extra1.qcow2'), [67], 'the next machine has this very file');
  t.deepEqual(await sectors(t, after, [0x83e00 / 512], 'variables.qcow2'), [68]);
  t.true(existsSync(join(after.folder, 'tpm/marker')));

  await disk(after, 'write -P 69 128k 512', 1);
  await disk(after, 'flush', 1);
  const last = await after.powerCut();
  t.teardown(() => last.stop());
  t.deepEqual(await sectors(t, last, [128, 256], 'extra0-overlay.qcow2'), [65, 69]);
});
