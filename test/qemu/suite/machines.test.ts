import test from 'ava';
import type { Hardware } from '../../../qemu/hardware.ts';
import { describeNeeds, groupByMachine, hardwareOf, sizeMiB, whyNotFrozen } from '../../../qemu/suite/machines.ts';
import {
  frozenArguments,
  loadAddress,
  restoredArguments,
  saveAddress,
} from '../../../qemu/suite/snapshot/arguments.ts';
import { externalTest, plainNeeds } from './support/external-test.ts';

test('groupByMachine() gives one machine for equal needs, the largest group first', (t) => {
  const groups = groupByMachine(
    [
      externalTest('big', { minMemory: 4096 }),
      externalTest('a'),
      externalTest('b', { minMemory: 512, tags: ['x'], timeoutMin: 1 }),
      externalTest('exit status only', {
        tags: ['skip-base-checks'],
        minDisk: 20,
        primaryDisk: '30G',
        additionalNics: 1,
      }),
      externalTest('args', { appendKernelArgs: ' a=1 ', additionalDisks: ['1G', '2G'] }),
    ],
    1024,
  );
  t.deepEqual(
    groups.map((group) => [describeNeeds(group.needs), group.tests.map(({ name }) => name)]),
    [
      ['1024 MiB', ['a', 'b']],
      ['4096 MiB', ['big']],
      ['1024 MiB, a disk of 30720 MiB, 1 more network card, not judged', ['exit status only']],
      ['1024 MiB, 2 more disks, a=1', ['args']],
    ],
  );
});

const sizes: readonly (readonly [size: string, mebibytes: number])[] = [
  ['5G', 5120],
  ['64M', 64],
  ['1T', 1_048_576],
  ['100K', 1],
];
for (const [size, mebibytes] of sizes) test(`sizeMiB() reads ${size}`, (t) => t.is(sizeMiB(size), mebibytes));

test('hardwareOf() adds what a group needs to what all machines have, with the serial numbers of kola', (t) => {
  const needs = {
    ...plainNeeds,
    ignition: '/t/config.ign',
    diskMiB: 20_480,
    additionalDisks: ['1G', '2G'],
    additionalNics: 1,
  };
  const base = {
    balloon: true,
    ignition: '/m/host.ign',
    extraDisks: [{ sizeMiB: 8, bus: 'scsi', serial: null }],
  } as const;
  t.deepEqual(hardwareOf(needs, base), {
    balloon: true,
    diskSerial: 'primary-disk',
    diskAtLeastMiB: 20_480,
    extraDisks: [
      { sizeMiB: 1024, bus: 'virtio', serial: 'disk1' },
      { sizeMiB: 2048, bus: 'virtio', serial: 'disk2' },
      { sizeMiB: 8, bus: 'scsi', serial: null },
    ],
    networks: [{ type: 'outward' }],
    ignition: '/t/config.ign',
  });
  t.is(hardwareOf(plainNeeds, base).ignition, '/m/host.ign');
});

const snapshots: readonly (readonly [hardware: Partial<Hardware>, reason: string | null])[] = [
  [{ diskBus: 'scsi', networks: [{ type: 'outward' }], balloon: true }, null],
  [{ tpm: true }, 'a TPM'],
  [{ diskBus: 'nvme' }, 'an NVMe disk'],
  [{ extraDisks: [{ sizeMiB: 8, bus: 'nvme', serial: null }] }, 'an NVMe disk'],
  [{ networks: [{ type: 'named', name: 'lab', mac: null }] }, 'a network with other machines'],
  [{ shares: [{ folder: '/d', tag: 'd', as: '9p' }] }, 'a folder of the host'],
];
for (const [hardware, reason] of snapshots) {
  test(`whyNotFrozen() says ${reason ?? 'nothing'} for ${Object.keys(hardware).join(' and ')}`, (t) => {
    t.is(whyNotFrozen(hardware), reason);
  });
}

test('a frozen machine shares its RAM, a restored one maps it privately and waits', (t) => {
  t.deepEqual(frozenArguments(512), [
    ...['-object', 'memory-backend-memfd,id=ram,size=512M,share=on'],
    ...['-machine', 'memory-backend=ram'],
    ...['-device', 'vmgenid,guid=auto'],
  ]);
  t.deepEqual(restoredArguments(512, '/proc/7/fd/9'), [
    ...['-object', 'memory-backend-file,id=ram,size=512M,share=off,mem-path=/proc/7/fd/9'],
    ...['-machine', 'memory-backend=ram'],
    ...['-device', 'vmgenid,guid=auto'],
    ...['-incoming', 'defer'],
  ]);
});

test('migration addresses quote the file for the shell that QEMU starts', (t) => {
  t.is(saveAddress("/a b/it's"), "exec:dd status=none bs=64k 'of=/a b/it'\\''s'");
  t.is(loadAddress('/plain/file'), 'exec:cat /plain/file');
});
