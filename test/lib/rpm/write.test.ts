import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { encodeRpm, type RpmFile, type RpmSpec, writeRpm } from '../../../lib/rpm/write.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const minimal: RpmSpec = { name: 'example', version: '1.0', release: '2', arch: 'noarch' };

async function written(t: ExecutionContext, spec: RpmSpec): Promise<string> {
  const path = join(await temporaryFolder(t), 'package.rpm');
  await writeRpm(path, spec);
  return path;
}

/** What the real rpm prints of the package. */
async function query(path: string, ...args: string[]): Promise<string> {
  return (await run(['rpm', '--query', '--package', ...args, path])).stdout;
}

test('writeRpm() makes a package whose digests rpm accepts, and not when a byte of its payload is another', async (t) => {
  const path = await written(t, { ...minimal, files: [{ type: 'file', path: '/a', content: 'hello' }] });
  t.regex((await run(['rpm', '--checksig', '--nosignature', path])).stdout, /digests OK/);
  const bytes = await readFile(path);
  bytes[bytes.length - 6]! ^= 1;
  await writeFile(path, bytes);
  const damaged = await run(['rpm', '--checksig', '--nosignature', path], { okExitCodes: [1] });
  t.regex(damaged.stdout, /DIGESTS NOT OK/i);
});

test('writeRpm() tells rpm the identity of the package', async (t) => {
  const path = await written(t, {
    ...minimal,
    epoch: 3,
    summary: 'Small',
    description: 'A\nB',
    license: 'MIT',
    url: 'x:y',
  });
  const format = '%{NEVRA}|%{EPOCH}|%{SUMMARY}|%{DESCRIPTION}|%{LICENSE}|%{URL}|%{SOURCERPM}|%{BUILDTIME}';
  t.is(
    await query(path, '--queryformat', format),
    'example-3:1.0-2.noarch|3|Small|A\nB|MIT|x:y|example-1.0-2.src.rpm|1700000000',
  );
});

test('writeRpm() writes dependencies with their comparisons, and adds what rpmbuild would', async (t) => {
  const path = await written(t, {
    ...minimal,
    arch: 'x86_64',
    version: '1.0~rc1',
    requires: [
      { name: 'libb', comparison: '>=', version: '1:2-3' },
      { name: '(a or b < 4)' },
      { name: 'early', scriptlets: ['pre', 'posttrans'] },
    ],
    conflicts: [{ name: 'old', comparison: '<', version: '5' }],
    obsoletes: [{ name: 'older', comparison: '<=', version: '6-1' }],
    recommends: [{ name: 'nice' }],
    suggests: [{ name: 'nicer', comparison: '=', version: '7' }],
    scriptlets: { post: { script: 'true' } },
  });
  t.deepEqual((await query(path, '--requires')).trim().split('\n'), [
    '(a or b < 4)',
    '/bin/sh',
    'early',
    'libb >= 1:2-3',
    'rpmlib(CompressedFileNames) <= 3.0.4-1',
    'rpmlib(FileDigests) <= 4.6.0-1',
    'rpmlib(PayloadFilesHavePrefix) <= 4.0-1',
    'rpmlib(PayloadIsZstd) <= 5.4.18-1',
    'rpmlib(RichDependencies) <= 4.12.0-1',
    'rpmlib(TildeInVersions) <= 4.10.0-1',
  ]);
  t.is(await query(path, '--provides'), 'example = 1.0~rc1-2\nexample(x86-64) = 1.0~rc1-2\n');
  t.is(await query(path, '--conflicts'), 'old < 5\n');
  t.is(await query(path, '--obsoletes'), 'older <= 6-1\n');
  t.is(await query(path, '--recommends'), 'nice\n');
  t.is(await query(path, '--suggests'), 'nicer = 7\n');
  t.regex(await query(path, '--requires', '--verbose'), /^pre,posttrans: early$/m);
  t.regex(await query(path, '--requires', '--verbose'), /^post,interp: \/bin\/sh$/m);
});

test('writeRpm() writes scriptlets, triggers and file triggers with their interpreters and conditions', async (t) => {
  const path = await written(t, {
    ...minimal,
    scriptlets: {
      pre: { script: 'echo pre' },
      post: { script: '', interpreter: ['/usr/sbin/ldconfig'] },
      posttrans: { script: 'print("x")', interpreter: ['<lua>'] },
    },
    triggers: [
      {
        kind: 'triggerin',
        packages: [{ name: 'one', comparison: '>', version: '1' }, { name: 'two' }],
        script: 'echo in',
      },
      { kind: 'triggerun', packages: [{ name: 'three' }], script: 'echo un' },
    ],
    fileTriggers: [
      { kind: 'filetriggerin', prefixes: ['/usr/lib', '/lib'], script: 'echo file' },
      { kind: 'transfiletriggerin', prefixes: ['/usr/share'], script: 'cat', priority: 7 },
    ],
  });
  t.is(
    await query(path, '--scripts', '--triggers', '--filetriggers'),
    [
      'preinstall scriptlet (using /bin/sh):',
      'echo pre',
      'postinstall program: /usr/sbin/ldconfig',
      'posttrans scriptlet (using <lua>):',
      'print("x")',
      'triggerin scriptlet (using /bin/sh) -- one > 1, two',
      'echo in',
      'triggerun scriptlet (using /bin/sh) -- three',
      'echo un',
      'filetriggerin scriptlet (using /bin/sh) -- /usr/lib, /lib',
      'echo file',
      'transfiletriggerin scriptlet (using /bin/sh) -- /usr/share',
      'cat',
      '',
    ].join('\n'),
  );
  t.is(await query(path, '--queryformat', '%{FILETRIGGERPRIORITIES} %{TRANSFILETRIGGERPRIORITIES}'), '1000000 7');
});

const files: readonly RpmFile[] = [
  { type: 'directory', path: '/opt/example' },
  { type: 'file', path: '/opt/example/a', content: 'aaa\n', mode: 0o4755, capabilities: 'cap_net_raw=ep' },
  // Sorted, /opt/example/b stands between the names of one file and has content of its own.
  { type: 'file', path: '/opt/example/b', content: 'bbb\n', mtime: 1_600_000_000 },
  { type: 'hardlink', path: '/opt/example/c', target: '/opt/example/a' },
  { type: 'symlink', path: '/opt/example/link', target: 'a' },
  { type: 'file', path: '/etc/example.conf', content: '', flags: ['config', 'noreplace'] },
  { type: 'file', path: '/var/log/example', content: '', flags: ['ghost'] },
  { type: 'file', path: '/usr/share/licenses/example', content: 'free', flags: ['license'], group: 'adm', mode: 0o640 },
];

test('writeRpm() writes types, modes, owners, times, flags, links and capabilities of files', async (t) => {
  const path = await written(t, { ...minimal, files });
  const format =
    '[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILESIZES} %{FILEMTIMES} %{FILEFLAGS:fflags} %{FILELINKTOS}\n]';
  t.deepEqual((await query(path, '--queryformat', format)).replace(/\n$/, '').split('\n'), [
    '/etc/example.conf -rw-r--r-- root:root 0 1700000000 cn ',
    '/opt/example drwxr-xr-x root:root 0 1700000000  ',
    '/opt/example/a -rwsr-xr-x root:root 4 1700000000  ',
    '/opt/example/b -rw-r--r-- root:root 4 1600000000  ',
    '/opt/example/c -rwsr-xr-x root:root 4 1700000000  ',
    '/opt/example/link lrwxrwxrwx root:root 1 1700000000  a',
    '/usr/share/licenses/example -rw-r----- root:adm 4 1700000000 l ',
    '/var/log/example -rw-r--r-- root:root 0 1700000000 g ',
  ]);
  t.regex(await query(path, '--filecaps'), /^\/opt\/example\/a\s+cap_net_raw=ep$/m);
  t.is(await query(path, '--queryformat', '%{SIZE}'), '13');
});

for (const compressor of ['zstd', 'gzip'] as const) {
  test(`writeRpm() with ${compressor} makes a package that rpm installs and verifies, hard links included`, async (t) => {
    const folder = await temporaryFolder(t);
    const source = join(folder, 'source');
    // Larger than the pieces in which the payload is compressed.
    await writeFile(source, Buffer.alloc(3_000_000, 'slipway'));
    const path = join(folder, 'package.rpm');
    const installable = files.filter(
      (file) => file.type !== 'file' || (file.capabilities === undefined && file.group === undefined),
    );
    const first: RpmFile = { type: 'file', path: '/opt/example/a', content: 'aaa\n' };
    const large: RpmFile = { type: 'file', path: '/opt/example/large', content: { fromFile: source } };
    await writeRpm(path, { ...minimal, compressor, files: [...installable, first, large] });
    const root = join(folder, 'root');
    await mkdir(root);
    const database = ['--root', root, '--dbpath', '/usr/lib/sysimage/rpm'];
    await run(['unshare', '--user', '--map-root-user', 'rpm', ...database, '--install', '--nodeps', path]);
    t.is(await readFile(join(root, 'opt/example/a'), 'utf8'), 'aaa\n');
    t.is(await readFile(join(root, 'opt/example/b'), 'utf8'), 'bbb\n');
    t.is((await stat(join(root, 'opt/example/a'))).ino, (await stat(join(root, 'opt/example/c'))).ino);
    t.is((await stat(join(root, 'opt/example/large'))).size, 3_000_000);
    const verify = ['rpm', ...database, '--verify', '--nodeps', 'example'];
    t.is((await run(['unshare', '--user', '--map-root-user', ...verify])).stdout, '');
  });
}

test('encodeRpm() gives the same bytes for the same files in another order', async (t) => {
  const one = await encodeRpm({ ...minimal, files });
  const other = await encodeRpm({ ...minimal, files: [...files].reverse() });
  t.true(one.equals(other));
});

const refused: readonly [title: string, change: Partial<RpmSpec>, message: string][] = [
  [
    'a path twice',
    {
      files: [
        { type: 'directory', path: '/a' },
        { type: 'symlink', path: '/a', target: 'b' },
      ],
    },
    '/a is in the package twice',
  ],
  ['a relative path', { files: [{ type: 'directory', path: 'a' }] }, '"a" is not an absolute, normal path'],
  ['a path with ..', { files: [{ type: 'directory', path: '/a/../b' }] }, '"/a/../b" is not an absolute, normal path'],
  ['a final slash', { files: [{ type: 'directory', path: '/a/' }] }, '"/a/" is not an absolute, normal path'],
  [
    'a hard link to nothing',
    { files: [{ type: 'hardlink', path: '/a', target: '/b' }] },
    '/a is a hard link to /b, which is not in the package',
  ],
  [
    'a comparison without a version',
    { requires: [{ name: 'x', comparison: '=' }] },
    'the dependency x needs both a comparison and a version, or neither',
  ],
];
for (const [title, change, message] of refused) {
  test(`encodeRpm() refuses ${title}`, async (t) => {
    await t.throwsAsync(encodeRpm({ ...minimal, ...change }), { instanceOf: TypeError, message });
  });
}
