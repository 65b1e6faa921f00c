import test from 'ava';
import { acceleratorArguments, type MachineSpec, qemuArgv } from '../../qemu/machine.ts';

const spec: MachineSpec = {
  firmware: 'bios',
  accelerator: 'tcg',
  memoryMiB: 512,
  cpus: 1,
  disks: [{ file: '/w/overlay.qcow2', format: 'qcow2', cache: 'unsafe', readonly: false }],
  nics: [],
  ports: [],
  credentials: [],
  directKernel: null,
  watchdog: false,
};
const files = { pidFile: '/w/qemu.pid', uefi: null };

test('qemuArgv() gives the whole command line of a small machine', (t) => {
  t.deepEqual(qemuArgv(spec, files), [
    'qemu-system-x86_64',
    '-nodefaults',
    '-no-user-config',
    ...['-display', 'none'],
    ...['-machine', 'q35'],
    ...['-accel', 'tcg,thread=multi,tb-size=256'],
    ...['-cpu', 'max,cx16=off'],
    ...['-smp', '1'],
    ...['-m', '512'],
    ...['-pidfile', '/w/qemu.pid'],
    ...['-chardev', 'socket,id=qmp,fd=3'],
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-chardev', 'socket,id=serial,fd=4'],
    ...['-serial', 'chardev:serial'],
    ...['-chardev', 'socket,id=firmware,fd=5'],
    ...['-device', 'isa-debugcon,iobase=0x402,chardev=firmware'],
    ...['-device', 'virtio-rng-pci'],
    ...['-drive', 'if=none,id=disk0,format=qcow2,cache=unsafe,file=/w/overlay.qcow2'],
    ...['-device', 'virtio-blk-pci,drive=disk0,bootindex=1'],
  ]);
});

const additions: [
  title: string,
  change: Partial<MachineSpec>,
  uefi: { code: string; variables: string } | null,
  added: string[],
][] = [
  [
    'UEFI firmware',
    { firmware: 'uefi' },
    { code: '/o/CODE.fd', variables: '/w/variables.qcow2' },
    [
      ...['-drive', 'if=pflash,unit=0,format=raw,readonly=on,file=/o/CODE.fd'],
      ...['-drive', 'if=pflash,unit=1,format=qcow2,cache=unsafe,file=/w/variables.qcow2'],
    ],
  ],
  [
    'a network card with forwarded ports',
    {
      nics: [
        {
          forwards: [
            { guestPort: 22, hostPort: 0 },
            { guestPort: 80, hostPort: 8080 },
          ],
        },
      ],
    },
    null,
    [
      ...['-netdev', 'user,id=net0,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:8080-:80'],
      ...['-device', 'virtio-net-pci,netdev=net0,romfile='],
    ],
  ],
  [
    'virtio-serial ports',
    { ports: ['org.example.a', 'org.example.b'] },
    null,
    [
      ...['-device', 'virtio-serial-pci'],
      ...['-chardev', 'socket,id=port0,fd=6'],
      ...['-device', 'virtserialport,chardev=port0,name=org.example.a'],
      ...['-chardev', 'socket,id=port1,fd=7'],
      ...['-device', 'virtserialport,chardev=port1,name=org.example.b'],
    ],
  ],
  [
    'a credential, in base64',
    { credentials: [{ name: 'hello', content: 'world\n' }] },
    null,
    ['-smbios', 'type=11,value=io.systemd.credential.binary:hello=d29ybGQK'],
  ],
  [
    'direct kernel boot',
    { directKernel: { kernel: '/k', initrd: '/i', commandLine: 'console=ttyS0 quiet' } },
    null,
    ['-kernel', '/k', '-initrd', '/i', '-append', 'console=ttyS0 quiet'],
  ],
  ['the watchdog', { watchdog: true }, null, ['-device', 'i6300esb', '-action', 'watchdog=reset']],
  [
    'a second disk, read-only, with a comma in its name',
    {
      disks: [...spec.disks, { file: '/w/a,b.img', format: 'raw', cache: 'none', readonly: true }],
    },
    null,
    [
      ...['-drive', 'if=none,id=disk1,format=raw,cache=none,readonly=on,file=/w/a,,b.img'],
      ...['-device', 'virtio-blk-pci,drive=disk1,bootindex=2'],
    ],
  ],
];

for (const [title, change, uefi, added] of additions) {
  test(`qemuArgv() adds ${title} and nothing else`, (t) => {
    const plain = qemuArgv(spec, files);
    const argv = qemuArgv({ ...spec, ...change }, { ...files, uefi });
    const start = argv.findIndex((_, index) => added.every((word, offset) => argv[index + offset] === word));
    t.not(start, -1, argv.join(' '));
    t.deepEqual(argv.toSpliced(start, added.length), plain);
  });
}

test('acceleratorArguments() gives the host CPU to KVM', (t) => {
  t.deepEqual(acceleratorArguments('kvm'), ['-accel', 'kvm', '-cpu', 'host']);
});
