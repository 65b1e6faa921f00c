import test from 'ava';
import { parseShownCommit } from '../../images/commit.ts';
import { diskFormats, formatsNamed } from '../../images/formats.ts';
import { joinKernelArguments } from '../../images/kargs.ts';
import { type ImageOptions, imagePlan } from '../../images/plan.ts';
import { deployCommands } from '../../images/sysroot.ts';
import { UserError } from '../../lib/errors.ts';

const commit = {
  repo: '/repo',
  ref: 'fleet/stable',
  checksum: 'd'.repeat(64),
  version: '1',
  timestamp: 1_767_225_600,
  kernel: '6.12',
};
const options: ImageOptions = { repo: '/repo', ref: 'fleet/stable', formats: ['raw,qcow2'], outputDir: '/out' };
const plan = (changes: Partial<ImageOptions> = {}) => imagePlan({ ...options, ...changes }, commit, ['tools 1']);

test('joinKernelArguments() gives the defaults of a host that restarts instead of waiting for somebody', (t) => {
  t.deepEqual(joinKernelArguments([]), [
    ...['root=LABEL=root', 'rw', 'console=tty0', 'console=ttyS0,115200'],
    ...['panic=5', 'rd.shell=0', 'rd.emergency=reboot', 'systemd.gpt_auto=no', 'systemd.watchdog_sec=30'],
  ]);
});

test('joinKernelArguments() lets an argument take the place of all defaults of its name', (t) => {
  const joined = joinKernelArguments(['console=hvc0', 'quiet', 'panic=60', 'x="a b"']);
  t.deepEqual(
    joined.filter((argument) => /^(console|panic|quiet|x)/.test(argument)),
    ['console=hvc0', 'quiet', 'panic=60', 'x="a b"'],
  );
});

for (const argument of ['', 'quiet splash', '=1', 'a=b c', ' quiet']) {
  test(`joinKernelArguments() refuses "${argument}"`, (t) => {
    t.is(t.throws(() => joinKernelArguments([argument]), { instanceOf: UserError }).code, 'karg-invalid');
  });
}

test('formatsNamed() gives rows in the order of the table, each once', (t) => {
  t.deepEqual(
    formatsNamed(['qcow2, raw', 'qcow2']).map((format) => format.fileName),
    ['image.raw', 'image.qcow2'],
  );
});

test('formatsNamed() offers the nearest format', (t) => {
  const error = t.throws(() => formatsNamed(['raw,qcow']), { instanceOf: UserError });
  t.deepEqual([error.message, error.hint], ['there is no image format "qcow"', 'did you mean "qcow2"?']);
  t.is(
    t.throws(() => formatsNamed(['vmdk']), { instanceOf: UserError }).hint,
    'the formats are raw, qcow2, oci, oci-archive',
  );
});

test('qcow2 is compressed with zstd and written in order, so that its bytes are always the same', (t) => {
  const argv = diskFormats(['qcow2'])[0]?.convertArgv?.('in.raw', 'out.qcow2');
  t.deepEqual(argv, [
    ...['qemu-img', 'convert', '-q', '-f', 'raw', '-O', 'qcow2', '-c', '-o', 'compression_type=zstd', '-m', '8'],
    ...['in.raw', 'out.qcow2'],
  ]);
});

test('imagePlan() takes its time from the commit and its stateroot and remote from the project', (t) => {
  t.like(plan(), {
    formats: ['raw', 'qcow2'],
    size: null,
    stateroot: 'slipway',
    remote: { name: 'slipway', url: null, gpg: { type: 'keys-in-tree' } },
    ignitionFirstBoot: false,
    sourceDateEpoch: 1_767_225_600,
    workDir: '/out',
  });
});

test('imagePlan() has one id for equal input, and another when anything that decides the bytes differs', (t) => {
  t.is(plan().id, plan({ outputDir: '/elsewhere', formats: ['qcow2', 'raw'] }).id);
  const ids = [
    plan(),
    plan({ formats: ['raw'] }),
    plan({ size: 2 ** 33 }),
    plan({ kargs: ['quiet'] }),
    plan({ stateroot: 'other' }),
    plan({ remote: { url: 'http://x.example/' } }),
    plan({ remote: { gpgVerify: false } }),
    plan({ ignitionPlatform: 'qemu' }),
    plan({ sourceDateEpoch: 1_000_000_000 }),
    imagePlan(options, { ...commit, checksum: 'e'.repeat(64) }, ['tools 1']),
    imagePlan(options, commit, ['tools 2']),
  ].map(({ id }) => id);
  t.is(new Set(ids).size, ids.length);
});

test('imagePlan() adds the arguments and the stamp of Ignition only when asked', (t) => {
  const { kernelArguments, ignitionFirstBoot } = plan({ ignitionPlatform: 'qemu' });
  t.deepEqual(kernelArguments.slice(-2), ['ignition.firstboot', 'ignition.platform.id=qemu']);
  t.true(ignitionFirstBoot);
});

const badOptions: readonly [Partial<ImageOptions>, string, RegExp][] = [
  [{ formats: [] }, 'option-invalid', /no image format/],
  [{ stateroot: '../x' }, 'name-invalid', /"\.\.\/x" cannot be the name of a stateroot/],
  [{ remote: { name: 'a b' } }, 'name-invalid', /"a b" cannot be the name of a remote/],
  [{ remote: { gpgVerify: false, gpgKeyFile: 'k' } }, 'option-invalid', /switched off/],
  [{ sourceDateEpoch: 0 }, 'option-invalid', /0 cannot be the time/],
  [{ sourceDateEpoch: 1.5 }, 'option-invalid', /1\.5 cannot be the time/],
];
for (const [changes, code, message] of badOptions) {
  test(`imagePlan() refuses ${JSON.stringify(changes)}`, (t) => {
    t.is(t.throws(() => plan(changes), { instanceOf: UserError, message }).code, code);
  });
}

const policies = [
  [{ gpgVerify: false }, '--no-gpg-verify'],
  [{}, '--set=gpg-verify=true'],
  [{ gpgKeyFile: '/k.gpg' }, '--gpg-import=/k.gpg'],
] as const;
for (const [remote, option] of policies) {
  test(`deployCommands() adds the remote with ${option} for ${JSON.stringify(remote)}`, (t) => {
    const [add] = deployCommands('/s', plan({ remote: { ...remote, url: 'http://x.example/' } }));
    t.deepEqual(add, ['ostree', '--repo=/s/ostree/repo', 'remote', 'add', option, 'slipway', 'http://x.example/']);
  });
}

test('deployCommands() pulls the checksum, names it by the remote branch and deploys that with all arguments', (t) => {
  t.deepEqual(deployCommands('/s', { ...plan(), kernelArguments: ['rw', 'console=tty0', 'console=ttyS0'] }), [
    ['ostree', '--repo=/s/ostree/repo', 'pull-local', '--disable-fsync', '/repo', commit.checksum],
    ['ostree', '--repo=/s/ostree/repo', 'refs', '--create=slipway:fleet/stable', commit.checksum],
    [
      ...['ostree', 'admin', 'deploy', '--sysroot=/s', '--os=slipway'],
      ...['--karg-append=rw', '--karg-append=console=tty0', '--karg-append=console=ttyS0', 'slipway:fleet/stable'],
    ],
  ]);
});

test('parseShownCommit() reads version and time, and nothing out of the subject', (t) => {
  const head = 'commit 12\nContentChecksum:  34\nDate:  2026-01-01 02:00:00 +0200\n';
  t.deepEqual(parseShownCommit(`${head}Version: 41.3\n\n    Version: 9\n`), {
    version: '41.3',
    timestamp: 1_767_225_600,
  });
  t.deepEqual(parseShownCommit(`${head}\n    Version: 9\n`), { version: null, timestamp: 1_767_225_600 });
});
