import { join } from 'node:path';
import test from 'ava';
import type { DiagnosticsError } from '../../lib/diagnostics.ts';
import { type BootPolicy, baseChecks, strictPolicy } from '../../qemu/base-checks.ts';
import { readBootPolicy } from '../../qemu/boot-policy.ts';
import type { BootTimes, GuestFacts } from '../../qemu/verdict.ts';
import { tree } from '../support/temporary.ts';

const facts: GuestFacts = {
  leftJobs: [],
  tainted: 0,
  sockets: [
    { protocol: 'tcp', local: '00000000:0016' },
    { protocol: 'tcp6', local: '00000000000000000000000000000000:0016' },
    { protocol: 'tcp', local: '0100007F:1F90' },
    { protocol: 'tcp', local: '3500007F:0035' },
    { protocol: 'tcp6', local: '00000000000000000000000001000000:1F90' },
    { protocol: 'tcp6', local: '0000000000000000FFFF00000100007F:1F90' },
    { protocol: 'udp', local: '0F02000A:0044' },
  ],
  clockAheadSeconds: -3,
  places: [
    { path: '/boot', device: '/dev/vda3', writable: false, freeMiB: 900 },
    { path: '/etc', device: '/dev/vda3', writable: true, freeMiB: 900 },
    { path: '/var', device: '/dev/vdb', writable: true, freeMiB: 64 },
  ],
  unknownArguments: ['ostree=/ostree/boot.1/slipway/c9033f/0', 'BOOT_IMAGE=/vmlinuz', 'splash'],
};
const times: BootTimes = {
  firmware: 400,
  loader: 1400,
  kernel: 4000,
  initrd: 12_000,
  userspace: 14_000,
  total: 31_800,
};

function failures(changed: Partial<GuestFacts>, policy: Partial<BootPolicy> = {}): string[] {
  return baseChecks({ ...facts, ...changed }, times, { ...strictPolicy, ...policy }).flatMap(({ name, failure }) =>
    failure === null ? [] : [`${name}: ${failure}`],
  );
}

const table: [title: string, changed: Partial<GuestFacts>, policy: Partial<BootPolicy>, expected: string[]][] = [
  ['a good machine', {}, {}, []],
  [
    'stuck jobs, without those that wait for them',
    {
      leftJobs: [
        { unit: 'multi-user.target', type: 'start', state: 'waiting' },
        { unit: 'a.service', type: 'start', state: 'running' },
      ],
    },
    {},
    ['no job is stuck: a.service: its start job is running'],
  ],
  [
    'jobs of which none runs',
    { leftJobs: [{ unit: 'a.service', type: 'stop', state: 'waiting' }] },
    {},
    ['no job is stuck: a.service: its stop job is waiting'],
  ],
  [
    'arguments that nobody knows',
    { unknownArguments: ['ostree=/a', 'consol=ttyS0', 'debg'] },
    {},
    [
      'every kernel argument is known: nobody knows the kernel argument consol=ttyS0\nnobody knows the kernel argument debg',
    ],
  ],
  ['an argument that is allowed', { unknownArguments: ['mine=1'] }, { kernelArguments: ['mine'] }, []],
  [
    'a read-only /var',
    { places: [{ path: '/var', device: '/dev/vda3', writable: false, freeMiB: 900 }] },
    {},
    ['/etc and /var can be written: /var is read-only'],
  ],
  [
    'full file systems, each once',
    {
      places: [
        { path: '/boot', device: '/dev/vda2', writable: true, freeMiB: 63 },
        { path: '/etc', device: '/dev/vda3', writable: true, freeMiB: 0 },
        { path: '/var', device: '/dev/vda3', writable: true, freeMiB: 0 },
      ],
    },
    {},
    [
      'there is room: 63 MiB are free on /dev/vda2 (/boot), 64 MiB are needed\n0 MiB are free on /dev/vda3 (/etc, /var), 64 MiB are needed',
    ],
  ],
  [
    'as much room as the policy wants',
    {},
    { leastFreeMiB: 65 },
    ['there is room: 64 MiB are free on /dev/vdb (/var), 65 MiB are needed'],
  ],
  [
    'a tainted kernel',
    { tainted: 512 + 4096 },
    {},
    ['the kernel is not tainted: tainted 4608: a kernel warning (W), a module from outside the kernel (O)'],
  ],
  ['taints that are allowed', { tainted: 4096 + 8192 }, { taints: 'OE' }, []],
  ['a taint without a name', { tainted: 2 ** 25 }, {}, ['the kernel is not tainted: tainted 33554432: unknown bits']],
  [
    'an open port, told once for both families',
    {
      sockets: [
        { protocol: 'tcp', local: '00000000:1F90' },
        { protocol: 'tcp6', local: '00000000000000000000000000000000:1F90' },
      ],
    },
    {},
    ['only known ports are open: tcp/8080 is open'],
  ],
  [
    'an open port that is allowed',
    { sockets: [{ protocol: 'udp', local: '00000000:1F90' }] },
    { listeners: ['udp/8080'] },
    [],
  ],
  [
    'a clock behind',
    { clockAheadSeconds: -3600 },
    {},
    ["the clock is right: the guest's clock is 3600 s behind the host's"],
  ],
  ['a clock that nobody told', { clockAheadSeconds: null }, {}, []],
  [
    'a phase over its budget',
    {},
    { budgetsMs: { userspace: 10_000, total: 40_000 } },
    ['each phase keeps its time: userspace took 14.0 s, allowed are 10.0 s'],
  ],
];

for (const [title, changed, policy, expected] of table) {
  test(`baseChecks() judges ${title}`, (t) => t.deepEqual(failures(changed, policy), expected));
}

test('readBootPolicy() adds to what is always allowed', async (t) => {
  const folder = await tree(t, {
    'policy.yaml':
      'listeners: [tcp/9090]\ntaints: OE\nbudgets: {userspace: 20}\nfree-space: 8\nkernel-arguments: [mine]\nssh: false\nstuck-after: 600\n',
  });
  t.deepEqual(readBootPolicy(join(folder, 'policy.yaml')), {
    listeners: [...strictPolicy.listeners, 'tcp/9090'],
    taints: 'OE',
    budgetsMs: { userspace: 20_000 },
    clockToleranceSeconds: 60,
    leastFreeMiB: 8,
    kernelArguments: [...strictPolicy.kernelArguments, 'mine'],
    ssh: false,
    stuckAfterSeconds: 600,
  });
});

test('readBootPolicy() is strict about all that a file leaves out', async (t) => {
  const folder = await tree(t, { 'policy.yaml': 'listeners: []\n' });
  t.deepEqual(readBootPolicy(join(folder, 'policy.yaml')), strictPolicy);
});

const wrong: [title: string, yaml: string, message: string][] = [
  ['a port that is none', 'listeners: [9090/tcp]\n', '"9090/tcp" is not a port such as tcp/8080'],
  ['a taint that is none', 'taints: OZ\n', '"Z" is no taint: the letters are PFSRMBUDAWCIOELKXTN'],
  ['a value where a name is meant', 'kernel-arguments: [mine=1]\n', '"mine=1" is not the name of a kernel argument'],
  ['a phase that is none', 'budgets: {boot: 1}\n', 'no such field "boot"'],
];

for (const [title, yaml, message] of wrong) {
  test(`readBootPolicy() refuses ${title}`, async (t) => {
    const folder = await tree(t, { 'policy.yaml': yaml });
    const error = t.throws<DiagnosticsError>(() => readBootPolicy(join(folder, 'policy.yaml')));
    t.deepEqual(
      error!.diagnostics.map((diagnostic) => diagnostic.message),
      [message],
    );
  });
}
