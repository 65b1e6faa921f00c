// The faults of a running machine, asked of a real QEMU whose guest halts.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Events } from '../../../lib/events.ts';
import { diskPath } from '../../../qemu/argv/disks.ts';
import {
  corruptArgv,
  corruptPlace,
  failCommands,
  linkCommand,
  liveFaults,
  throttleCommand,
} from '../../../qemu/faults/live-faults.ts';
import type { GuestResult } from '../../../qemu/guest-command.ts';
import { startMachine } from '../../../qemu/machine-run.ts';
import { createNetworkSwitch, readPackets } from '../../../qemu/network-switch.ts';
import { haltingMachine } from '../support/tiny-image.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

const commands: [title: string, commands: unknown, expected: unknown][] = [
  ['a cable', linkCommand(1, false), { execute: 'set_link', arguments: { name: 'net1', up: false } }],
  [
    'a slow disk',
    throttleCommand(diskPath(0, 'virtio'), 1000, 5),
    {
      execute: 'block_set_io_throttle',
      arguments: {
        id: '/machine/peripheral/disk-device0/virtio-backend',
        bps: 1000,
        iops: 5,
        bps_rd: 0,
        bps_wr: 0,
        iops_rd: 0,
        iops_wr: 0,
      },
    },
  ],
  [
    'a failing disk',
    failCommands(diskPath(0, 'virtio'), 0, 'flush'),
    [
      {
        execute: 'blockdev-add',
        arguments: {
          driver: 'blkdebug',
          'node-name': 'failing-node0',
          image: 'disk-node0',
          'inject-error': [{ event: 'none', iotype: 'flush', errno: 5, once: false, immediately: true }],
        },
      },
      {
        execute: 'qom-set',
        arguments: {
          path: '/machine/peripheral/disk-device0/virtio-backend',
          property: 'drive',
          value: 'failing-node0',
        },
      },
    ],
  ],
];

for (const [title, made, expected] of commands) {
  test(`liveFaults() tells QEMU of ${title}`, (t) => t.deepEqual(made, expected));
}

const buses = ['virtio', 'nvme', 'scsi'] as const;

test.serial('QEMU makes disks on every bus slow and failing, and heals them', async (t) => {
  const options = await haltingMachine(t);
  const extraDisks = buses.slice(1).map((bus) => ({ sizeMiB: 1, bus, serial: null }));
  const machine = await startMachine({ ...options, hardware: { extraDisks } }, tools);
  t.teardown(() => machine.stop());
  const { qmp } = machine.qemu;
  for (const [index, bus] of buses.entries()) {
    // Its result goes to QEMU's output.
    const writeResult = async (): Promise<string> => {
      await qmp.human(`qemu-io -d ${diskPath(index, bus)} "write -P 7 0 512"`);
      return (await readFile(join(machine.folder, 'qemu.log'), 'utf8')).trim().split('\n').at(-1)!;
    };
    await machine.disk.slow({ operationsPerSecond: 5 }, index);
    t.regex(await qmp.human('info block'), /iops=5 /, bus);
    t.regex(await writeResult(), /^512 bytes, 1 ops/, bus);
    await machine.disk.fail('read', index);
    await machine.disk.fail('write', index);
    t.is(await writeResult(), 'write failed: Input/output error', bus);
    await machine.disk.heal(index);
    t.regex(await writeResult(), /^512 bytes, 1 ops/, bus);
    t.notRegex(await qmp.human('info block'), /iops=5 |blkdebug/, bus);
  }
  await t.throwsAsync(machine.disk.fail('read', 3), {
    message: 'the machine has no disk 3: it has 3, counted from 0',
  });
});

test.serial('delay() and lose() act on the frames of the own card in QEMU, until mend()', async (t) => {
  const options = await haltingMachine(t);
  const network = createNetworkSwitch(() => 0);
  const [listener, plugged] = [new PassThrough(), new PassThrough()];
  plugged.write = ((chunk: Buffer) => listener.push(chunk)) as typeof plugged.write;
  network.connect(plugged);
  const machine = await startMachine({ ...options, hardware: { networks: [{ type: 'switch', network }] } }, tools);
  t.teardown(() => machine.stop());
  let frames = 0;
  listener.on('data', (chunk: Buffer) => {
    frames += readPackets(chunk).packets.length;
  });
  // QEMU sends one frame from each card.
  const announce = async (): Promise<void> => {
    await machine.qemu.qmp.execute('announce-self', { initial: 0, max: 0, rounds: 1, step: 0 });
  };
  const heardAfter = async (wantedFrames: number): Promise<number> => {
    const startedAt = performance.now();
    while (frames < wantedFrames) await sleep(5);
    return performance.now() - startedAt;
  };
  await announce();
  await heardAfter(1);

  await machine.network.delay(400, 1);
  await announce();
  t.true((await heardAfter(2)) >= 390, 'a delayed frame is late');

  await machine.network.delay(0, 1);
  await machine.network.lose(1, 'all', 1);
  await announce();
  await sleep(300);
  t.is(frames, 2, 'a lost frame does not come');

  await machine.network.cut(1);
  await machine.network.mend(1);
  t.notRegex(await machine.qemu.qmp.human('info network'), /filter-redirector/);
  t.deepEqual(
    (await readdir(machine.folder)).filter((name) => name.startsWith('impaired')),
    [],
  );
  await announce();
  await heardAfter(3);
  t.is(frames, 3);
});

test('jumpTime() and corruptFile() ask the guest and then act', async (t) => {
  const asked: (readonly string[])[] = [];
  const guest = async (argv: readonly string[]): Promise<GuestResult> => {
    asked.push(argv);
    return { stdout: '1000\n', stderr: '', exitCode: 0 };
  };
  const unused = { execute: () => Promise.reject(new Error('unused')), human: async () => '', onEvent: () => {} };
  const faults = liveFaults({ qmp: unused, disks: [], folder: '/w' }, guest);
  await faults.jumpTime(-60);
  t.deepEqual(asked.at(-1), ['date', '--set', '@940']);
  const place = await faults.corruptFile('/usr/bin/true', 'seed');
  t.deepEqual(place, corruptPlace(1000, 'seed'));
  t.deepEqual(asked.at(-1), corruptArgv('/usr/bin/true', place));
});

test('corruptPlace() stays inside the file, also a short one', (t) => {
  for (const size of [1, 15, 16, 17, 5000]) {
    for (let seed = 0; seed < 50; seed++) {
      const { offset, bytes } = corruptPlace(size, String(seed));
      t.true(offset >= 0 && offset + bytes.length <= size && bytes.length > 0, `${size} ${seed}`);
    }
  }
});

test('corruptArgv() hands bytes to printf in octal', (t) => {
  t.is(corruptArgv('/f', { offset: 3, bytes: [0, 92, 255] }).at(-1), '\\000\\134\\377');
});
