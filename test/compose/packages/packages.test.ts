import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { cachedCommit, packageRef } from '../../../compose/packages/cache.ts';
import { checkFiles } from '../../../compose/packages/check-files.ts';
import { installationOrder } from '../../../compose/packages/order.ts';
import type { EnginePackage } from '../../../compose/packages/package.ts';
import { UserError } from '../../../lib/errors.ts';
import type { RpmFileEntry } from '../../../lib/rpm/files.ts';
import { run } from '../../../lib/run.ts';
import { cacheRepo, fileIn, listing, miniDistribution } from '../mini-distribution.ts';

function fake(name: string, fields: Partial<EnginePackage> = {}): EnginePackage {
  return {
    ...{ nevra: `${name}-1-1.noarch`, digest: `sha256:${name}`, path: `/rpms/${name}.rpm`, name },
    ...{
      epoch: 0,
      version: '1',
      release: '1',
      arch: 'noarch',
      files: [],
      paths: [],
      provides: [name],
      ownVersions: [],
      requires: [],
    },
    buildTime: 0,
    scriptlets: {
      pre: null,
      post: null,
      posttrans: null,
      triggerprein: [],
      triggerin: [],
      filetriggerin: [],
      transfiletriggerin: [],
    },
    ...fields,
  };
}

function file(path: string, fields: Partial<RpmFileEntry> = {}): RpmFileEntry {
  return {
    ...{ path, mode: 0o100_644, user: 'root', group: 'root', size: 1, digest: 'd', linkTarget: '' },
    ...{ capabilities: '', flags: 0, languages: '', ...fields },
  };
}

const everything = { documentation: true, languages: [] };

function needs(...names: string[]): EnginePackage['requires'] {
  return names.map((name) => ({ name, forScriptlets: false }));
}

const names = (packages: readonly EnginePackage[]): string => packages.map((each) => each.name).join(' ');

test('installationOrder() puts what is required first, by name, provide, path and rich dependency', (t) => {
  const packages = [
    fake('a', { requires: needs('virtual') }),
    fake('b', { requires: needs('/usr/bin/tool') }),
    fake('c', { requires: needs('(d or e >= 2)') }),
    fake('x', { provides: ['virtual'] }),
    fake('y', { files: [file('/usr/bin/tool')] }),
    fake('z'),
    fake('d'),
  ];
  t.is(names(installationOrder(packages)), 'x a y b d c z');
  t.is(names(installationOrder([...packages].reverse())), 'x a y b d c z');
});

test('installationOrder() breaks circles at what no scriptlet needs', (t) => {
  const ordered = installationOrder([
    fake('libc', { requires: needs('base') }),
    fake('base', { requires: [{ name: 'setup', forScriptlets: true }, ...needs('libc')] }),
    fake('setup', { requires: needs('libc') }),
  ]);
  t.is(names(ordered), 'setup base libc');
});

test('checkFiles() allows equal files and shared directories', (t) => {
  const directory = { mode: 0o040_755, digest: '' };
  t.notThrows(() =>
    checkFiles(
      [
        fake('a', { files: [file('/usr/x'), file('/usr/d', directory)] }),
        fake('b', { files: [file('/usr/x'), file('/usr/d', { ...directory, mode: 0o040_700 })] }),
      ],
      everything,
    ),
  );
});

test('checkFiles() sees through the usr merge and names each pair once', (t) => {
  const error = t.throws(
    () =>
      checkFiles(
        [
          fake('a', { files: [file('/bin/x'), file('/usr/y')] }),
          fake('b', { files: [file('/usr/bin/x', { digest: 'e' }), file('/usr/y', { mode: 0o100_755 })] }),
          fake('c', { files: [file('/usr/y', { mode: 0o120_777, digest: '', linkTarget: 'x' })] }),
        ],
        everything,
      ),
    { instanceOf: UserError },
  );
  t.deepEqual(error?.message.split('\n'), [
    'a-1-1.noarch and b-1-1.noarch both bring /usr/bin/x, with different content (and 1 more paths)',
    'a-1-1.noarch and c-1-1.noarch both bring /usr/y, with different content',
  ]);
});

test('packageRef() differs by digest and by the options of the import only', (t) => {
  const key = { digest: 'sha256:a', readonlyExecutables: false };
  t.is(packageRef(key), packageRef({ ...key }));
  t.not(packageRef(key), packageRef({ ...key, digest: 'sha256:b' }));
  t.not(packageRef(key), packageRef({ ...key, readonlyExecutables: true }));
  t.regex(packageRef(key), /^slipway\/pkg\/[0-9a-f]{64}$/);
});

test('the import moves paths that are not usr-merged, and keeps hard links', async (t) => {
  const mini = await miniDistribution(t, [
    {
      name: 'old',
      files: [
        { type: 'file', path: '/bin/first', mode: 0o755, content: 'same content' },
        { type: 'hardlink', path: '/bin/second', target: '/bin/first' },
        { type: 'symlink', path: '/lib/link', target: '../bin/first' },
      ],
    },
    {
      name: 'plain',
      files: [
        { type: 'file', path: '/usr/share/a', content: 'shared' },
        { type: 'hardlink', path: '/usr/share/b', target: '/usr/share/a' },
      ],
    },
  ]);
  const composed = await mini.compose();
  for (const path of ['/usr/bin/first', '/usr/bin/second', '/usr/lib/link']) {
    const content = path === '/usr/lib/link' ? undefined : await fileIn(composed, path);
    if (content !== undefined) t.is(content, 'same content', path);
  }
  for (const path of ['/usr/share/a', '/usr/share/b']) t.is(await fileIn(composed, path), 'shared');
  const { stdout } = await run(['ostree', `--repo=${composed.repo}`, 'ls', composed.checksum, '/usr/lib/link']);
  t.regex(stdout, /-> \.\.\/bin\/first/);
});

test('a package that cannot be unpacked is named, the others stay imported, and the next compose works', async (t) => {
  const mini = await miniDistribution(t, [
    { name: 'broken', files: [{ type: 'file', path: '/usr/share/big', content: 'x'.repeat(100_000) }] },
  ]);
  const path = join(mini.folder, 'rpms/broken-1-1.noarch.rpm');
  const whole = await readFile(path);
  // The repository vouches for the damaged file, so that only the import can find out.
  await writeFile(path, whole.subarray(0, whole.length - 40));
  await run(['createrepo_c', '--quiet', join(mini.folder, 'rpms')]);
  const error = await t.throwsAsync(mini.compose(), { instanceOf: UserError });
  t.is(error?.code, 'rpm-unreadable');
  t.regex(error?.message ?? '', /broken-1-1\.noarch\.rpm is not a readable RPM: its payload cannot be unpacked: /);
  await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);
  const { stdout } = await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'refs']);
  t.is(stdout.trim().split('\n').length, 1);
  t.is(
    cachedCommit(
      { keepsAttributes: true, repo: cacheRepo(mini.folder) },
      packageRef({ digest: 'sha256:none', readonlyExecutables: false }),
    ),
    null,
  );

  await writeFile(path, whole);
  await run(['createrepo_c', '--quiet', join(mini.folder, 'rpms')]);
  t.true((await mini.compose()).changed);
});

test('readonly-executables takes write permission from executables alone, and the plain import stays as it is', async (t) => {
  const files = [
    { type: 'file', path: '/usr/bin/tool', mode: 0o755, content: 'x' },
    { type: 'file', path: '/usr/bin/suid', mode: 0o4755, group: 'daemon', content: 'y' },
    { type: 'file', path: '/usr/share/data', mode: 0o644, content: 'z' },
  ] as const;
  const mini = await miniDistribution(t, [{ name: 'app', files: [...files] }]);
  const [plain, readonly] = [
    await mini.compose(),
    await mini.treefile({ 'readonly-executables': true }).then(() => mini.compose()),
  ];
  const [before, after] = [await listing(plain), await listing(readonly)];
  t.deepEqual(
    after.filter((line) => !before.includes(line)),
    ['- 04555 0 2 /usr/bin/suid', '- 00555 0 0 /usr/bin/busybox', '- 00555 0 0 /usr/bin/tool'].sort(
      (a, b) => after.indexOf(a) - after.indexOf(b),
    ),
  );
  t.is(
    await mini.treefile({}).then(async () => (await mini.compose({ parent: null, force: true })).checksum),
    plain.checksum,
  );
});
