// The faults of a running machine, asked of a real QEMU whose guest halts.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { Events } from '../../../lib/events.ts';
import { virtioDiskPath } from '../../../qemu/argv/disks.ts';
import {
  corruptArgv,
  corruptPlace,
  delayCommand,
  failCommands,
  linkCommand,
  liveFaults,
  throttleCommand,
} from '../../../qemu/faults/live-faults.ts';
import type { GuestResult } from '../../../qemu/guest-command.ts';
import { startMachine } from '../../../qemu/machine-run.ts';
import { haltingMachine } from '../support/tiny-image.ts';

const tools = { events: new Events(), signal: new AbortController().signal };

const commands: [title: string, commands: unknown, expected: unknown][] = [
  ['a cable', linkCommand(1, false), { execute: 'set_link', arguments: { name: 'net1', up: false } }],
  [
    'a delay',
    delayCommand(0, 40),
    {
      execute: 'object-add',
      arguments: { 'qom-type': 'filter-buffer', id: 'delay0', netdev: 'net0', interval: 40_000 },
    },
  ],
  [
    'a slow disk',
    throttleCommand(0, 1000, 5),
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
    failCommands(0, 'flush'),
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

test.serial('QEMU takes every fault and ends it again', async (t) => {
  const options = await haltingMachine(t);
  const machine = await startMachine({ ...options, hardware: { balloon: true } }, tools);
  t.teardown(() => machine.stop());
  const { qmp } = machine.qemu;
  const { network, disk } = liveFaults(qmp, machine.run);
  const network0 = (): Promise<string> => qmp.human('info network');
  // Its result goes to QEMU's output.
  const writeResult = async (): Promise<string> => {
    await qmp.human(`qemu-io -d ${virtioDiskPath(0)} "write -P 7 0 512"`);
    return (await readFile(join(machine.folder, 'qemu.log'), 'utf8')).trim().split('\n').at(-1)!;
  };

  await network.cut();
  await network.delay(20);
  await network.delay(30);
  t.regex(await network0(), /filter-buffer/);
  await network.mend();
  t.notRegex(await network0(), /filter-buffer/);

  await disk.slow({ operationsPerSecond: 5 });
  t.regex(await qmp.human('info block'), /iops=5 /);
  t.regex(await writeResult(), /^512 bytes, 1 ops/);
  await disk.fail('read');
  await disk.fail('write');
  t.is(await writeResult(), 'write failed: Input/output error');
  await disk.heal();
  t.regex(await writeResult(), /^512 bytes, 1 ops/);
  t.notRegex(await qmp.human('info block'), /iops=5 |blkdebug/);
});

test('jumpTime() and corruptFile() ask the guest and then act', async (t) => {
  const asked: (readonly string[])[] = [];
  const guest = async (argv: readonly string[]): Promise<GuestResult> => {
    asked.push(argv);
    return { stdout: '1000\n', stderr: '', exitCode: 0 };
  };
  const unused = { execute: () => Promise.reject(new Error('unused')), human: async () => '', onEvent: () => {} };
  const faults = liveFaults(unused, guest);
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
