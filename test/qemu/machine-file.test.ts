import { join } from 'node:path';
import test from 'ava';
import type { DiagnosticsError } from '../../lib/diagnostics.ts';
import { readMachineFile } from '../../qemu/machine-file.ts';
import { tree } from '../support/temporary.ts';

const everything = `firmware: uefi-secure
memory: 2048
cpus: 4
uefi-variables: my-keys.fd
disk-bus: nvme
extra-disks:
  - {size: 512}
  - {size: 1024, bus: scsi, serial: data}
networks:
  - {name: lab}
  - {name: store, mac: "52:54:00:12:34:56"}
ports: [80, 443, 8080:81, "8443:444"]
boot:
  kernel: boot/vmlinuz
  initrd: /abs/initrd
  arguments: console=ttyS0 root=LABEL=root
ignition: host.ign
credentials: {passwd.plaintext-password.root: secret}
shares:
  - {folder: data, tag: data}
  - {folder: docs, tag: docs, as: disk}
tpm: true
watchdog: true
balloon: true
`;

test('readMachineFile() reads everything that a machine can have, with paths relative to the file', async (t) => {
  const folder = await tree(t, { 'machine.yaml': everything });
  t.deepEqual(readMachineFile(join(folder, 'machine.yaml')), {
    firmware: 'uefi-secure',
    memoryMiB: 2048,
    cpus: 4,
    guestPorts: [80, 443],
    fixedPorts: [
      { hostPort: 8080, guestPort: 81 },
      { hostPort: 8443, guestPort: 444 },
    ],
    watchdog: true,
    credentials: [{ name: 'passwd.plaintext-password.root', content: 'secret' }],
    directKernel: {
      kernel: join(folder, 'boot/vmlinuz'),
      initrd: '/abs/initrd',
      commandLine: 'console=ttyS0 root=LABEL=root',
    },
    hardware: {
      uefiVariables: join(folder, 'my-keys.fd'),
      diskBus: 'nvme',
      extraDisks: [
        { sizeMiB: 512, bus: 'virtio', serial: null },
        { sizeMiB: 1024, bus: 'scsi', serial: 'data' },
      ],
      networks: [
        { type: 'named', name: 'lab', mac: null },
        { type: 'named', name: 'store', mac: '52:54:00:12:34:56' },
      ],
      tpm: true,
      ignition: join(folder, 'host.ign'),
      shares: [
        { folder: join(folder, 'data'), tag: 'data', as: '9p' },
        { folder: join(folder, 'docs'), tag: 'docs', as: 'disk' },
      ],
      balloon: true,
    },
  });
});

const boots: [title: string, yaml: string, hardware: (folder: string) => unknown][] = [
  ['an ISO image', 'boot: {iso: live.iso}\n', (folder) => ({ iso: join(folder, 'live.iso') })],
  [
    'the network',
    'boot: {pxe: {folder: tftp, file: boot.ipxe}}\n',
    (folder) => ({ pxe: { folder: join(folder, 'tftp'), bootFile: 'boot.ipxe' } }),
  ],
];

for (const [title, yaml, hardware] of boots) {
  test(`readMachineFile() reads a machine that boots from ${title}`, async (t) => {
    const folder = await tree(t, { 'machine.yaml': yaml });
    t.deepEqual(readMachineFile(join(folder, 'machine.yaml')), { hardware: hardware(folder) } as never);
  });
}

test('readMachineFile() reads kernel arguments for an image that boots from its disk', async (t) => {
  const folder = await tree(t, { 'machine.yaml': 'kernel-arguments: quiet debug\n' });
  t.deepEqual(readMachineFile(join(folder, 'machine.yaml')), { kernelArguments: 'quiet debug' });
});

test('readMachineFile() takes an empty file for an ordinary machine', async (t) => {
  const folder = await tree(t, { 'machine.yaml': '' });
  t.deepEqual(readMachineFile(join(folder, 'machine.yaml')), {});
});

const kernelHint =
  '("arguments" of "boot" are those of its "kernel"; "kernel-arguments" are added to those of an image that boots from its disk)';
const wrong: [title: string, yaml: string, problems: string[]][] = [
  ['an unknown key', 'memmory: 1024\n', ['1:1 no such field "memmory" (did you mean "memory"?)']],
  [
    'an unknown firmware and a wrong type at once',
    'firmware: efi\ncpus: two\n',
    [
      '1:11 "firmware" must be bios, uefi or uefi-secure, not "efi" (did you mean "uefi"?)',
      '2:7 "cpus" must be a whole number, not a string',
    ],
  ],
  ['too little memory', 'memory: 1\n', ['1:9 the memory in MiB must be at least 16']],
  ['no CPU', 'cpus: 0\n', ['1:7 the number of virtual CPUs must be at least 1']],
  ['a disk without size', 'extra-disks: [{bus: nvme}]\n', ['1:15 "size" is missing here: must be a disk with "size"']],
  [
    'ports that are none',
    'ports: [80, 70000, "80:70000", "1:2:3"]\n',
    [
      '1:13 70000 is not a port of the guest (1 to 65535), or HOST:GUEST',
      '1:21 "80:70000" is not a port of the guest (1 to 65535), or HOST:GUEST',
      '1:33 "1:2:3" is not a port of the guest (1 to 65535), or HOST:GUEST',
    ],
  ],
  ['a bad MAC address', 'networks: [{name: lab, mac: "52:54"}]\n', ['1:30 "52:54" is not a MAC address']],
  [
    'a multicast MAC address',
    'networks: [{name: lab, mac: "01:00:5e:00:00:01"}]\n',
    ['1:30 "01:00:5e:00:00:01" is a multicast address'],
  ],
  [
    'two boot sources',
    'boot: {iso: a, kernel: b}\n',
    ['1:7 must have one of "iso", "pxe" and "kernel"; without "boot" the disk is booted'],
  ],
  [
    'kernel arguments without a kernel',
    'boot: {iso: a, arguments: quiet}\n',
    [`1:7 "initrd" and "arguments" belong to "kernel" ${kernelHint}`],
  ],
  [
    'kernel arguments for an image beside another boot source',
    'kernel-arguments: quiet\nboot: {iso: a}\n',
    [`1:19 is for an image that boots from its disk ${kernelHint}`],
  ],
  ['kernel arguments that are none', 'kernel-arguments: " "\n', ['1:20 needs at least one argument']],
  [
    'a bad tag',
    'shares: [{folder: a, tag: "a b"}]\n',
    ['1:28 "a b" is not a tag of at most 31 letters, digits, - and _'],
  ],
  [
    'a tag that is too long for a disk',
    'shares: [{folder: a, tag: a-tag-of-more-letters, as: disk}]\n',
    ['1:27 the tag of a disk has at most 20 letters'],
  ],
];

for (const [title, yaml, expected] of wrong) {
  test(`readMachineFile() refuses ${title} and says where`, async (t) => {
    const folder = await tree(t, { 'machine.yaml': yaml });
    const error = t.throws<DiagnosticsError>(() => readMachineFile(join(folder, 'machine.yaml')));
    t.deepEqual(
      error!.diagnostics.map(
        ({ position, message, hint }) =>
          `${position?.line}:${position?.column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
      ),
      expected,
    );
  });
}
