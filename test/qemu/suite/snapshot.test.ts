// Freezing and restoring with real QEMU and a guest of one sector, which counts in RAM: A, B, C, … each half second, a line each.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Events } from '../../../lib/events.ts';
import { bootSectorDisk } from '../../../qemu/boot-sector.ts';
import { type Machine, machineDefaults } from '../../../qemu/machine-run.ts';
import { freezeMachine, resumeMachine, startFreezable } from '../../../qemu/suite/snapshot/freeze.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

const countingProgram = [
  ...[0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0xfb], //    cli; xor ax,ax; mov ds,ax; sti
  ...[0xc6, 0x06, 0x00, 0x7e, 0x40], //          mov byte [0x7e00],'@'
  ...[0xfe, 0x06, 0x00, 0x7e], //          next: inc byte [0x7e00]
  ...[0xba, 0xf8, 0x03], //                      mov dx,0x3f8
  ...[0xa0, 0x00, 0x7e, 0xee], //                mov al,[0x7e00]; out dx,al
  ...[0xb0, 0x0a, 0xee], //                      mov al,10; out dx,al
  ...[0xa1, 0x6c, 0x04, 0x83, 0xc0, 0x09], //    mov ax,[0x46c]; add ax,9    BIOS ticks, 18.2 Hz
  ...[0xf4, 0x3b, 0x06, 0x6c, 0x04], //    wait: hlt; cmp ax,[0x46c]
  ...[0x77, 0xf9, 0xeb, 0xe3], //                ja wait; jmp next
];

async function waitForLines(machine: Machine, count: number): Promise<string[]> {
  while (machine.console.lines().length < count) await sleep(20);
  return machine.console.lines().map(({ text }) => text);
}

test('machines go on where the frozen one stood, each for itself, with disks as it left them; nothing is left', async (t) => {
  const folder = await temporaryFolder(t);
  const image = join(folder, 'image.raw');
  const sector = bootSectorDisk();
  sector.set(countingProgram);
  await writeFile(image, sector);
  const cache = process.env.SLIPWAY_CACHE;
  process.env.SLIPWAY_CACHE = join(folder, 'cache');
  t.teardown(() => {
    if (cache === undefined) delete process.env.SLIPWAY_CACHE;
    else process.env.SLIPWAY_CACHE = cache;
  });
  const hardware = { extraDisks: [{ sizeMiB: 1, bus: 'virtio', serial: 'disk1' }] } as const;
  const base = { ...machineDefaults, image, firmware: 'bios', accelerator: 'tcg', memoryMiB: 64, cpus: 1 } as const;
  const consoleFile = join(folder, 'first.log');
  const first = await startFreezable({ ...base, consoleFile, hardware }, tools);
  t.teardown(() => first.stop());
  await waitForLines(first, 3);
  await first.qemu.qmp.human('qemu-io disk1 "write -P 65 0 512"');
  const frozen = await freezeMachine(first);
  const counted = first.console.lines().map(({ text }) => text);
  t.deepEqual(counted.slice(0, 3), ['A', 'B', 'C']);

  for (let round = 0; round < 2; round++) {
    const machine = await resumeMachine(frozen, {}, tools);
    t.teardown(() => machine.stop());
    const next = String.fromCharCode('@'.charCodeAt(0) + counted.length + 1);
    t.is((await waitForLines(machine, 2))[0], next);
    await machine.qemu.qmp.human(`qemu-io disk1 "read -P ${round === 0 ? 65 : 66} 0 512"`);
    await machine.qemu.qmp.human('qemu-io disk1 "write -P 66 0 512"');
    // The second one looks for what the first one wrote, in vain.
    const { output } = await machine.qemu.kill();
    t.regex(output, /read 512\/512/);
    t.is(/Pattern verification failed/.test(output), round === 1);
    await machine.stop();
  }
  t.deepEqual(
    first.console.lines().map(({ text }) => text),
    counted,
  );
  await first.stop();
  t.is((await readFile(consoleFile, 'utf8')).trimEnd().split('\n').length, counted.length);
  t.deepEqual(await readdir(join(folder, 'cache/machines')), []);
});
