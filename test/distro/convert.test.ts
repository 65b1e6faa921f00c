import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { sha256 } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { type RpmSpec, writeRpm } from '../../lib/rpm/write.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type TinyDebFile, tinyDeb } from '../support/tiny-deb.ts';
import type { DebPackage } from './archive/closure.ts';
import { type Deb, readDebs } from './archive/deb.ts';
import { convertDeb } from './convert/convert.ts';
import { convertAll } from './convert/convert-all.ts';

const control = {
  Package: 'example',
  Version: '1:1.2-3',
  Architecture: 'amd64',
  Description: 'short\n longer',
  Homepage: 'https://example.org',
  'Pre-Depends': 'libc6 (>= 2.36)',
  Depends: 'a | b (>= 1), perl:any',
  Provides: 'mail-agent',
  Conflicts: 'mail-agent',
  Replaces: 'mail-agent',
  Breaks: 'resolver (<< 2)',
};
const files: readonly TinyDebFile[] = [
  { path: 'bin/tool', content: 'tool', mode: 0o755 },
  { path: 'bin/link', symlink: '../lib/x' },
  { path: 'boot/vmlinuz-6.1', content: 'kernel' },
  { path: 'etc/example.conf', content: 'x' },
  { path: 'usr/share/doc/example/copyright', content: 'free' },
  { path: 'usr/share/man/man1/tool.1', content: 'help' },
];

async function readDeb(bytes: Buffer): Promise<Deb> {
  return (await readDebs([bytes]))[0]!;
}

async function converted(
  t: ExecutionContext,
  compression?: 'xz' | 'gz' | 'zst',
  virtual: string[] = [],
): Promise<RpmSpec> {
  const deb = await tinyDeb(await temporaryFolder(t), control, files, compression);
  return convertDeb(await readDeb(deb), new Set(virtual));
}

for (const compression of ['xz', 'gz', 'zst'] as const) {
  test(`readDebs() opens packages with ${compression} members`, async (t) => {
    const deb = await readDeb(await tinyDeb(await temporaryFolder(t), control, files, compression));
    t.is(deb.control.get('Package'), 'example');
    t.deepEqual([...deb.conffiles], ['/etc/example.conf']);
    t.is(deb.entries.find(({ name }) => name === './bin/tool')?.content.toString(), 'tool');
  });
}

test('readDebs() keeps the contents of packages apart', async (t) => {
  const packages = await Promise.all(
    ['one', 'two', 'three'].map(async (content) => {
      const compression = content === 'two' ? 'gz' : 'xz';
      return tinyDeb(
        await temporaryFolder(t),
        { ...control, Package: content },
        [{ path: 'file', content }],
        compression,
      );
    }),
  );
  const debs = await readDebs(packages);
  t.deepEqual(
    debs.map((deb) => [deb.control.get('Package'), deb.entries.at(-1)?.content.toString()]),
    [
      ['one', 'one'],
      ['two', 'two'],
      ['three', 'three'],
    ],
  );
});

test('readDebs() says what is wrong with bytes that are no package or a part of one', async (t) => {
  await t.throwsAsync(readDeb(Buffer.from('PK')), { message: 'not an ar archive' });
  const deb = await tinyDeb(await temporaryFolder(t), control, files);
  await t.throwsAsync(readDeb(deb.subarray(0, deb.length - 20)), { message: 'the ar archive ends within data.tar.xz' });
});

test('convertDeb() says the same in the terms of RPM', async (t) => {
  const spec = await converted(t);
  t.like(spec, {
    name: 'example',
    epoch: 1,
    version: '1.2',
    release: '3',
    arch: 'x86_64',
    summary: 'short',
    url: 'https://example.org',
  });
  t.deepEqual(spec.requires, [
    { name: 'filesystem', scriptlets: ['pre'] },
    { name: 'libc6', comparison: '>=', version: '2.36-0', scriptlets: ['pre'] },
    { name: '(a or b >= 1-0)' },
    { name: 'perl' },
  ]);
  t.deepEqual(spec.provides, [{ name: 'mail-agent' }]);
  t.deepEqual(spec.obsoletes, [{ name: 'mail-agent' }]);
  t.deepEqual(spec.conflicts, [{ name: 'mail-agent' }, { name: 'resolver', comparison: '<', version: '2-0' }]);
});

test('convertDeb() leaves out versioned conflicts with names that are only virtual', async (t) => {
  t.deepEqual((await converted(t, 'xz', ['resolver'])).conflicts, [{ name: 'mail-agent' }]);
});

test('convertDeb() gives rpm files below /usr with owners, times and flags', async (t) => {
  const path = join(await temporaryFolder(t), 'example.rpm');
  await writeRpm(path, await converted(t));
  const format =
    '[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEMTIMES} %{FILEFLAGS:fflags}|%{FILELINKTOS}\n]';
  const { stdout } = await run(['rpm', '--query', '--package', '--queryformat', format, path]);
  t.deepEqual(stdout.trim().split('\n'), [
    '/etc/example.conf -rw-r--r-- root:shadow 1600000000 cn|',
    '/usr/bin/link lrwxrwxrwx root:shadow 1600000000 |../lib/x',
    '/usr/bin/tool -rwxr-xr-x root:shadow 1600000000 |',
    '/usr/lib/modules/6.1/vmlinuz -rw-r--r-- root:shadow 1600000000 |',
    '/usr/share/doc/example drwxr-xr-x root:shadow 1600000000 |',
    '/usr/share/doc/example/copyright -rw-r--r-- root:shadow 1600000000 l|',
    '/usr/share/man/man1 drwxr-xr-x root:shadow 1600000000 |',
    '/usr/share/man/man1/tool.1 -rw-r--r-- root:shadow 1600000000 d|',
  ]);
});

test('convertDeb() does what maintainer scripts do: links, modes, capabilities, users, file triggers', async (t) => {
  const adjusted = async (name: string, deb: readonly TinyDebFile[]): Promise<RpmSpec> => {
    const bytes = await tinyDeb(await temporaryFolder(t), { Package: name, Version: '1', Architecture: 'all' }, deb);
    return convertDeb(await readDeb(bytes), new Set());
  };
  const ping = await adjusted('iputils-ping', [{ path: 'bin/ping', content: 'p', mode: 0o755 }]);
  t.like(ping.files?.[0], { path: '/usr/bin/ping', capabilities: 'cap_net_raw=ep' });
  const gawk = await adjusted('gawk', [{ path: 'usr/bin/gawk', content: 'g' }]);
  t.deepEqual(gawk.files?.slice(1), [
    { type: 'symlink', path: '/usr/bin/awk', target: 'gawk' },
    { type: 'symlink', path: '/usr/bin/nawk', target: 'gawk' },
  ]);
  const dbus = await adjusted('dbus', [{ path: 'usr/lib/dbus-1.0/dbus-daemon-launch-helper', content: 'd' }]);
  t.like(dbus.files?.at(-1), { group: 'messagebus', mode: 0o4754 });
  t.regex(dbus.scriptlets?.pre?.script ?? '', /groupadd .*messagebus\n.*useradd .*messagebus$/);
  const sudo = await adjusted('sudo', [{ path: 'etc/sudoers', content: 's' }]);
  t.like(sudo.files?.at(-1), { path: '/etc/sudoers', mode: 0o440 });
  t.is((await adjusted('linux-image-6.1-cloud-amd64', [])).scriptlets?.posttrans?.script, 'depmod -a 6.1-cloud-amd64');
  t.is((await adjusted('systemd', [])).fileTriggers?.[0]?.kind, 'transfiletriggerin');
  t.deepEqual((await adjusted('base-files', [{ path: 'usr/lib/os-release', content: 'x' }])).files, []);
});

async function cachedDeb(t: ExecutionContext): Promise<{ deb: DebPackage; folders: { debs: string; rpms: string } }> {
  const folder = await temporaryFolder(t);
  const folders = { debs: join(folder, 'debs'), rpms: join(folder, 'rpms') };
  await mkdir(folders.debs);
  const bytes = await tinyDeb(folder, control, files);
  const digest = sha256(bytes);
  await writeFile(join(folders.debs, `${digest}.deb`), bytes);
  const relations = { provides: control.Provides, conflicts: control.Conflicts, breaks: control.Breaks };
  const identity = { name: 'example', version: control.Version, architecture: 'amd64' };
  return { deb: { ...identity, ...relations, url: 'http://m/', size: bytes.length, sha256: digest }, folders };
}

test('convertAll() converts once, and equal packages to equal bytes', async (t) => {
  const { deb, folders } = await cachedDeb(t);
  const outcomes: string[] = [];
  const events = new Events();
  events.listen((event) => event.type === 'step-end' && outcomes.push(event.outcome));
  const tools = { events, signal: new AbortController().signal };
  const [first] = await convertAll([deb], folders, tools);
  t.is(first!.fileName, 'example-1.2-3.x86_64.rpm');
  await convertAll([deb], folders, tools);
  t.deepEqual(outcomes, ['done', 'reused']);
  const [other] = await convertAll([deb], { ...folders, rpms: `${folders.rpms}-other` }, tools);
  t.true((await readFile(first!.file)).equals(await readFile(other!.file)));
});

test('convertAll() refuses a package that is not what the index says, and removes it', async (t) => {
  const { deb, folders } = await cachedDeb(t);
  const file = join(folders.debs, `${deb.sha256}.deb`);
  await writeFile(file, 'other');
  const tools = { events: new Events(), signal: new AbortController().signal };
  const error = await t.throwsAsync(convertAll([deb], folders, tools), { instanceOf: UserError });
  t.is(error?.message, 'the download of example is damaged and was removed');
  await t.throwsAsync(readFile(file), { code: 'ENOENT' });
});
