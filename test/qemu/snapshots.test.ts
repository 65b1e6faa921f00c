// Snapshots of a real QEMU, whose monitor writes to the disk in the place of the guest.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Events } from '../../lib/events.ts';
import { diskPath } from '../../qemu/argv/disks.ts';
import { type Machine, type MachineOptions, startMachine } from '../../qemu/machine-run.ts';
import { haltingMachine } from './support/tiny-image.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

async function started(t: ExecutionContext, change: Partial<MachineOptions> = {}): Promise<Machine> {
  const machine = await startMachine({ ...(await haltingMachine(t)), ...change }, tools);
  t.teardown(() => machine.stop());
  return machine;
}

for (const firmware of ['bios', 'uefi'] as const) {
  test.serial(`restore() brings back what snapshot() stored under ${firmware}`, async (t) => {
    const machine = await started(t, { firmware, memoryMiB: 256, hardware: { tpm: true } });
    const { qmp } = machine.qemu;
    const io = (command: string): Promise<string> => qmp.human(`qemu-io -d ${diskPath(0, 'virtio')} "${command}"`);
    // What qemu-io says goes to QEMU's output.
    const firstBytes = async (): Promise<string> => {
      await io('read -v 64k 512');
      const said = await readFile(join(machine.folder, 'qemu.log'), 'utf8');
      return said
        .split('\n')
        .findLast((line) => line.startsWith('00010000: '))!
        .slice(11, 22);
    };
    await io('write -P 65 64k 512');
    await machine.snapshot('settled');
    await io('write -P 66 64k 512');
    t.is(await firstBytes(), '42 42 42 42');
    await machine.restore('settled');
    t.like(await qmp.execute('query-status'), { status: 'running' });
    t.is(await firstBytes(), '41 41 41 41');
    await t.throwsAsync(machine.restore('later'), { message: 'the machine has no snapshot "later"' });
    await t.throwsAsync(machine.snapshot('a b'), { message: '"a b" is no name for a snapshot' });
  });
}

const impossible: [what: string, change: Partial<MachineOptions>][] = [
  ['a write log', { hardware: { writeLog: true } }],
  ['an NVMe disk', { hardware: { extraDisks: [{ sizeMiB: 1, bus: 'nvme', serial: null }] } }],
  ['folders of the host by 9p', { hardware: { shares: [{ folder: '/', tag: 'all', as: '9p' }] } }],
  ['a raw image that is written to', { persist: true }],
];
for (const [what, change] of impossible) {
  test.serial(`snapshot() and restore() refuse a machine with ${what}`, async (t) => {
    const machine = await started(t, change);
    const message = `QEMU makes no snapshots of a machine with ${what}`;
    await t.throwsAsync(machine.snapshot('one'), { code: 'snapshot-impossible', message });
    await t.throwsAsync(machine.restore('one'), { message });
  });
}
