import test from 'ava';
import { describeNeeds, groupByMachine, machinesAtOnce } from '../../../qemu/suite/machines.ts';
import { extraArgumentsOf } from '../../../qemu/suite/prepare-machine.ts';
import {
  frozenArguments,
  loadAddress,
  restoredArguments,
  saveAddress,
} from '../../../qemu/suite/snapshot/arguments.ts';
import { externalTest } from './support/external-test.ts';

test('groupByMachine() gives one machine for equal needs, the largest group first', (t) => {
  const groups = groupByMachine(
    [
      externalTest('big', { minMemory: 4096 }),
      externalTest('a'),
      externalTest('b', { minMemory: 512, tags: ['x'], timeoutMin: 1 }),
      externalTest('args', { appendKernelArgs: ' a=1 ', additionalDisks: ['1G', '2G'] }),
    ],
    1024,
  );
  t.deepEqual(
    groups.map((group) => [describeNeeds(group.needs), group.tests.map(({ name }) => name)]),
    [
      ['1024 MiB', ['a', 'b']],
      ['4096 MiB', ['big']],
      ['1024 MiB, 2 more disks, a=1', ['args']],
    ],
  );
});

const hosts: readonly (readonly [accelerator: 'kvm' | 'tcg', cores: number, freeMiB: number, machines: number])[] = [
  ['tcg', 2, 24_000, 1],
  ['tcg', 8, 24_000, 4],
  ['kvm', 8, 24_000, 8],
  ['kvm', 8, 5_000, 3],
  ['kvm', 8, 500, 1],
];
for (const [accelerator, cores, freeMiB, machines] of hosts) {
  test(`machinesAtOnce() gives ${machines} under ${accelerator} on ${cores} cores with ${freeMiB} MiB`, (t) => {
    t.is(machinesAtOnce({ memoryMiB: 1024, accelerator }, { cores, freeMiB }), machines);
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

test('extraArgumentsOf() gives the Ignition config and empty disks with the serial numbers of kola', (t) => {
  const needs = { memoryMiB: 1024, ignition: '/t/a,b.ign', additionalDisks: ['1G'], kernelArguments: '' };
  t.deepEqual(extraArgumentsOf(needs, ['/w/disk1-1G.qcow2']), [
    ...['-fw_cfg', 'name=opt/com.coreos/config,file=/t/a,,b.ign'],
    ...['-drive', 'if=none,id=extra0,format=qcow2,cache=unsafe,snapshot=on,file=/w/disk1-1G.qcow2'],
    ...['-device', 'virtio-blk-pci,drive=extra0,serial=disk1'],
  ]);
});
