import test from 'ava';
import type { MachineDisk } from '../../qemu/argv/disks.ts';
import { multicastPlace } from '../../qemu/argv/network.ts';
import { acceleratorArguments, type MachineFiles, type MachineSpec, qemuArgv } from '../../qemu/machine.ts';

const plainDisk: MachineDisk = {
  file: '/w/overlay.qcow2',
  format: 'qcow2',
  cache: 'unsafe',
  readonly: false,
  bus: 'virtio',
  serial: null,
  writeLog: null,
};
const spec: MachineSpec = {
  firmware: 'bios',
  accelerator: 'tcg',
  memoryMiB: 512,
  cpus: 1,
  disks: [plainDisk],
  iso: null,
  nics: [],
  ports: [],
  credentials: [],
  directKernel: null,
  watchdog: false,
  ignition: null,
  shares: [],
  balloon: false,
};
const files: MachineFiles = {
  pidFile: '/w/qemu.pid',
  monitorSocket: '/w/monitor.sock',
  vncSocket: null,
  uefi: null,
  tpmSocket: null,
};

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
    ...['-chardev', 'socket,id=monitor,server=on,wait=off,path=/w/monitor.sock'],
    ...['-mon', 'chardev=monitor,mode=control'],
    ...['-chardev', 'socket,id=serial,fd=4'],
    ...['-serial', 'chardev:serial'],
    ...['-chardev', 'socket,id=firmware,fd=5'],
    ...['-device', 'isa-debugcon,iobase=0x402,chardev=firmware'],
    ...['-device', 'virtio-rng-pci'],
    ...['-device', 'VGA'],
    ...['-drive', 'if=none,id=disk0,node-name=disk-node0,format=qcow2,cache=unsafe,file=/w/overlay.qcow2'],
    ...['-device', 'virtio-blk-pci,drive=disk0,id=disk-device0,bootindex=3'],
  ]);
});

const additions: [title: string, change: Partial<MachineSpec>, ownFiles: Partial<MachineFiles>, added: string[]][] = [
  [
    'UEFI firmware',
    { firmware: 'uefi' },
    { uefi: { code: '/o/CODE.fd', variables: '/w/variables.qcow2' } },
    [
      ...['-drive', 'if=pflash,unit=0,format=raw,readonly=on,file=/o/CODE.fd'],
      ...['-drive', 'if=pflash,id=variables,unit=1,format=qcow2,cache=unsafe,file=/w/variables.qcow2'],
    ],
  ],
  ['a screen by VNC', {}, { vncSocket: '/w/vnc.sock' }, ['-vnc', 'unix:/w/vnc.sock']],
  [
    'a network card with forwarded ports',
    {
      nics: [
        {
          type: 'user',
          pxe: null,
          isolated: false,
          forwards: [
            { guestPort: 22, hostPort: 0 },
            { guestPort: 80, hostPort: 8080 },
          ],
        },
      ],
    },
    {},
    [
      ...['-netdev', 'user,id=net0,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:8080-:80'],
      ...['-device', 'virtio-net-pci,netdev=net0,romfile='],
    ],
  ],
  [
    'virtio-serial ports',
    { ports: ['org.example.a', 'org.example.b'] },
    {},
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
    {},
    ['-smbios', 'type=11,value=io.systemd.credential.binary:hello=d29ybGQK'],
  ],
  [
    'direct kernel boot',
    { directKernel: { kernel: '/k', initrd: '/i', commandLine: 'console=ttyS0 quiet' } },
    {},
    ['-kernel', '/k', '-initrd', '/i', '-append', 'console=ttyS0 quiet'],
  ],
  ['the watchdog', { watchdog: true }, {}, ['-device', 'i6300esb', '-action', 'watchdog=reset']],
  [
    'a second disk, read-only, with a comma in its name',
    {
      disks: [...spec.disks, { ...plainDisk, file: '/w/a,b.img', format: 'raw', cache: 'none', readonly: true }],
    },
    {},
    [
      ...['-drive', 'if=none,id=disk1,node-name=disk-node1,format=raw,cache=none,readonly=on,file=/w/a,,b.img'],
      ...['-device', 'virtio-blk-pci,drive=disk1,id=disk-device1,bootindex=4'],
    ],
  ],
  [
    'an NVMe disk, which must have a serial number',
    { disks: [plainDisk, { ...plainDisk, file: '/w/e', bus: 'nvme' }] },
    {},
    [
      ...['-drive', 'if=none,id=disk1,node-name=disk-node1,format=qcow2,cache=unsafe,file=/w/e'],
      ...['-device', 'nvme,drive=disk1,id=disk-device1,bootindex=4,serial=slipway1'],
    ],
  ],
  [
    'an ISO image, tried before the disk',
    { iso: '/i/live.iso' },
    {},
    [
      ...['-drive', 'if=none,id=iso,media=cdrom,format=raw,readonly=on,file=/i/live.iso'],
      ...['-device', 'ide-cd,drive=iso,bootindex=2'],
    ],
  ],
  [
    'a card that boots over the network, tried first',
    { nics: [{ type: 'user', forwards: [], pxe: { folder: '/t,ftp', bootFile: 'boot.ipxe' }, isolated: false }] },
    {},
    [
      ...['-netdev', 'user,id=net0,tftp=/t,,ftp,bootfile=boot.ipxe'],
      ...['-device', 'virtio-net-pci,netdev=net0,bootindex=1'],
    ],
  ],
  [
    'a card that leads nowhere, and a second one in a network of its own',
    {
      nics: [
        { type: 'user', forwards: [{ guestPort: 22, hostPort: 0 }], pxe: null, isolated: true },
        { type: 'user', forwards: [], pxe: null, isolated: false },
      ],
    },
    {},
    [
      ...['-netdev', 'user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22'],
      ...['-device', 'virtio-net-pci,netdev=net0,romfile='],
      ...['-netdev', 'user,id=net1,net=10.0.3.0/24'],
      ...['-device', 'virtio-net-pci,netdev=net1,romfile='],
    ],
  ],
  [
    'cards of switched and shared networks, descriptors behind those of the ports',
    {
      nics: [
        { type: 'switched', mac: '52:54:00:51:00:01' },
        { type: 'shared', network: 'lab', mac: '52:54:00:00:00:02' },
        { type: 'switched', mac: '52:54:00:51:00:02' },
      ],
    },
    {},
    [
      ...['-netdev', 'socket,id=net0,fd=6'],
      ...['-device', 'virtio-net-pci,netdev=net0,mac=52:54:00:51:00:01,romfile='],
      ...['-netdev', 'socket,id=net1,mcast=239.255.165.17:28131,localaddr=127.0.0.1'],
      ...['-device', 'virtio-net-pci,netdev=net1,mac=52:54:00:00:00:02,romfile='],
      ...['-netdev', 'socket,id=net2,fd=7'],
      ...['-device', 'virtio-net-pci,netdev=net2,mac=52:54:00:51:00:02,romfile='],
    ],
  ],
  [
    'a TPM',
    {},
    { tpmSocket: '/w/tpm.sock' },
    [
      ...['-chardev', 'socket,id=tpm,path=/w/tpm.sock'],
      ...['-tpmdev', 'emulator,id=tpm0,chardev=tpm'],
      ...['-device', 'tpm-crb,tpmdev=tpm0'],
    ],
  ],
  ['an Ignition config', { ignition: '/c/host.ign' }, {}, ['-fw_cfg', 'name=opt/com.coreos/config,file=/c/host.ign']],
  [
    'a folder of the host',
    { shares: [{ folder: '/h/data', tag: 'data', as: '9p' }] },
    {},
    ['-virtfs', 'local,path=/h/data,mount_tag=data,security_model=none,readonly=on,multidevs=remap'],
  ],
  ['the memory balloon', { balloon: true }, {}, ['-device', 'virtio-balloon-pci,id=balloon']],
];

for (const [title, change, ownFiles, added] of additions) {
  test(`qemuArgv() adds ${title} and nothing else`, (t) => {
    const plain = qemuArgv(spec, files);
    const argv = qemuArgv({ ...spec, ...change }, { ...files, ...ownFiles });
    const start = argv.findIndex((_, index) => added.every((word, offset) => argv[index + offset] === word));
    t.not(start, -1, argv.join(' '));
    t.deepEqual(argv.toSpliced(start, added.length), plain);
  });
}

test('acceleratorArguments() lets several virtual CPUs take turns under TCG, so that none translates code that another writes', (t) => {
  t.deepEqual(acceleratorArguments('tcg', 1).slice(0, 2), ['-accel', 'tcg,thread=multi,tb-size=256']);
  t.deepEqual(acceleratorArguments('tcg', 2).slice(0, 2), ['-accel', 'tcg,thread=single,tb-size=256']);
});

test('acceleratorArguments() gives the host CPU to KVM', (t) => {
  t.deepEqual(acceleratorArguments('kvm', 4), ['-accel', 'kvm', '-cpu', 'host']);
});

test('qemuArgv() puts SCSI disks on one controller', (t) => {
  const disks = [
    { ...plainDisk, bus: 'scsi', serial: 'a' },
    { ...plainDisk, bus: 'scsi', file: '/w/e' },
  ] as const;
  const argv = qemuArgv({ ...spec, disks }, files);
  t.deepEqual(
    argv.filter((word) => word.includes('scsi')),
    [
      'virtio-scsi-pci,id=scsi',
      'scsi-hd,bus=scsi.0,drive=disk0,id=disk-device0,bootindex=3,serial=a',
      'scsi-hd,bus=scsi.0,drive=disk1,id=disk-device1,bootindex=4',
    ],
  );
});

test('qemuArgv() logs the writes of a disk on request, and keeps writes without data from it', (t) => {
  const argv = qemuArgv({ ...spec, disks: [{ ...plainDisk, writeLog: '/w/write.log' }] }, files);
  const cache = { direct: false, 'no-flush': true };
  t.deepEqual(JSON.parse(argv[argv.indexOf('-blockdev') + 1]!), {
    driver: 'blklogwrites',
    'node-name': 'disk-node0',
    file: { driver: 'qcow2', cache, file: { driver: 'file', filename: '/w/overlay.qcow2', cache } },
    log: { driver: 'file', filename: '/w/write.log', cache },
  });
  t.true(
    argv.includes('virtio-blk-pci,drive=disk-node0,id=disk-device0,bootindex=3,discard=off,write-zeroes=off'),
    argv.join(' '),
  );
});

test('qemuArgv() protects the variables of Secure Boot by system management mode', (t) => {
  const argv = qemuArgv({ ...spec, firmware: 'uefi-secure' }, { ...files, uefi: { code: '/o/C', variables: '/w/v' } });
  t.true(argv.includes('q35,smm=on'));
  t.true(argv.includes('driver=cfi.pflash01,property=secure,value=on'));
});

test('multicastPlace() gives each name a place of its own', (t) => {
  t.notDeepEqual(multicastPlace('lab'), multicastPlace('lab2'));
  t.deepEqual(multicastPlace('lab'), multicastPlace('lab'));
});
