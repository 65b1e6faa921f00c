// Freezing and restoring with real QEMU and a guest of one sector, which counts in RAM: A, B, C, … each half second, a line each.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { bootSectorDisk } from '../../../qemu/boot-sector.ts';
import { type Machine, machineDefaults } from '../../../qemu/machine-run.ts';
import { extraArgumentsOf } from '../../../qemu/suite/prepare-machine.ts';
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

test('machines go on where the frozen one stood, each for itself, with the same empty disk beside; nothing is left', async (t) => {
  const folder = await temporaryFolder(t);
  const [image, disk] = [join(folder, 'image.raw'), join(folder, 'disk.qcow2')];
  const sector = bootSectorDisk();
  sector.set(countingProgram);
  await writeFile(image, sector);
  await run(['qemu-img', 'create', '-q', '-f', 'qcow2', disk, '1M']);
  const cache = process.env.SLIPWAY_CACHE;
  process.env.SLIPWAY_CACHE = join(folder, 'cache');
  t.teardown(() => {
    if (cache === undefined) delete process.env.SLIPWAY_CACHE;
    else process.env.SLIPWAY_CACHE = cache;
  });
  const needs = { memoryMiB: 64, ignition: null, additionalDisks: ['1M'], kernelArguments: '' };
  const base = { ...machineDefaults, image, firmware: 'bios', accelerator: 'tcg', memoryMiB: 64, cpus: 1 } as const;
  const consoleFile = join(folder, 'first.log');
  const first = await startFreezable({ ...base, consoleFile, extraArguments: extraArgumentsOf(needs, [disk]) }, tools);
  t.teardown(() => first.stop());
  await waitForLines(first, 3);
  const frozen = await freezeMachine(first);
  const counted = first.console.lines().map(({ text }) => text);
  t.deepEqual(counted.slice(0, 3), ['A', 'B', 'C']);

  for (let round = 0; round < 2; round++) {
    const machine = await resumeMachine(frozen, {}, tools);
    t.teardown(() => machine.stop());
    const next = String.fromCharCode('@'.charCodeAt(0) + counted.length + 1);
    t.is((await waitForLines(machine, 2))[0], next);
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
