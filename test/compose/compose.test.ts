import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import { slipway } from '../support/slipway.ts';
import { cacheRepo, fileIn, listing, type MiniPackage, miniDistribution, step } from './mini-distribution.ts';

const hello: MiniPackage = {
  name: 'hello',
  files: [{ type: 'file', path: '/usr/bin/hello', mode: 0o755, content: '#!/bin/sh\necho hello\n' }],
};

test('composeTree() makes a commit with the shape of an OSTree host', async (t) => {
  const mini = await miniDistribution(t, [hello], { 'automatic-version-prefix': '7' });
  const composed = await mini.compose();
  t.like(composed, { changed: true, ref: 'mini/host', version: '7', previous: null, packages: 2 });
  const lines = await listing(composed);
  for (const line of [
    'd 00755 0 0 /var',
    'd 01777 0 0 /tmp',
    'd 00755 0 0 /sysroot',
    'l 00777 0 0 /ostree -> sysroot/ostree',
    'l 00777 0 0 /home -> var/home',
    'l 00777 0 0 /root -> var/roothome',
    'l 00777 0 0 /bin -> usr/bin',
    '- 00755 0 0 /usr/bin/hello',
    '- 00640 0 42 /usr/etc/shadow',
    '- 00644 0 0 /usr/share/rpm/rpmdb.sqlite',
    'l 00777 0 0 /usr/lib/sysimage/rpm -> ../../share/rpm',
  ]) {
    t.true(lines.includes(line), line);
  }
  t.false(
    lines.some((line) => / \/etc(\/|$)| \/var\//.test(line)),
    'no /etc, nothing in /var',
  );
  t.is(JSON.parse(await fileIn(composed, '/usr/share/slipway/treefile.json')).ref, 'mini/host');
  await run(['ostree', `--repo=${composed.repo}`, 'fsck', '--quiet']);
  t.deepEqual(await readdir(join(mini.folder, 'cache/work', `uid-${process.getuid?.()}`)), []);
});

test('composeTree() writes metadata that other tools read', async (t) => {
  const mini = await miniDistribution(t, [hello], {
    'add-commit-metadata': { 'org.example.list': ['a'], 'org.example.on': true },
  });
  const composed = await mini.compose({ sourceDateEpoch: 1_750_000_000, commitMetadata: { version: '42.1' } });
  const key = async (name: string): Promise<string> =>
    (
      await run(['ostree', `--repo=${composed.repo}`, 'show', `--print-metadata-key=${name}`, composed.checksum])
    ).stdout.trim();
  t.is(await key('version'), "'42.1'");
  t.is(await key('rpmostree.inputhash'), `'${composed.inputId}'`);
  t.is(await key('rpmostree.rpmdb.pkglist'), "[('base', '0', '1', '1', 'noarch'), ('hello', '0', '1', '1', 'noarch')]");
  t.is(await key('org.example.list'), "[<'a'>]");
  t.is(await key('org.example.on'), 'true');
  const { stdout } = await run(['ostree', `--repo=${composed.repo}`, 'show', composed.checksum]);
  t.regex(stdout, /Date: {2}2025-06-15 15:06:40 \+0000/);
});

test('composeTree() makes no commit when no input changed, and one when any did', async (t) => {
  const mini = await miniDistribution(t, [hello]);
  const first = await mini.compose();
  const second = await mini.compose();
  t.like(second, { changed: false, checksum: first.checksum, previous: first.checksum });
  t.false(second.events.some((event) => event.type === 'step-end' && event.title === 'Check out packages'));

  await mini.publish([{ ...hello, version: '2' }, { name: 'extra' }]);
  await mini.treefile({ packages: ['hello', 'base', 'extra'] });
  const third = await mini.compose();
  t.deepEqual(third.diff, {
    added: ['extra-1-1.noarch'],
    removed: [],
    changed: [{ name: 'hello', from: 'hello-1-1.noarch', to: 'hello-2-1.noarch' }],
  });
  t.is(third.previous, first.checksum);
  t.is(step(third, 'Import packages').detail, '2 of 3 packages imported');
  const forced = await mini.compose({ force: true });
  t.true(forced.changed);
  t.is(forced.previous, third.checksum);
});

test('composeTree() gives the same commit again from other folders with empty caches', async (t) => {
  const [one, two] = [await miniDistribution(t, [hello]), await miniDistribution(t, [hello])];
  t.is((await one.compose()).checksum, (await two.compose()).checksum);
});

test('composeTree() counts up the version and keeps time from going back', async (t) => {
  const mini = await miniDistribution(t, [{ ...hello, buildTime: 1_800_000_000 }], { 'automatic-version-prefix': '7' });
  const first = await mini.compose();
  await mini.publish([{ ...hello, version: '0.5', buildTime: 1_700_000_000 }]);
  const second = await mini.compose();
  t.is(second.version, '7.1');
  const dates = await Promise.all(
    [first, second].map(
      async ({ checksum, repo }) =>
        /Date: +(.*)/.exec((await run(['ostree', `--repo=${repo}`, 'show', checksum])).stdout)?.[1],
    ),
  );
  t.deepEqual(dates, ['2027-01-15 08:00:00 +0000', '2027-01-15 08:00:00 +0000']);
});

test('composeTree() names both packages of a file conflict and makes no commit', async (t) => {
  const mini = await miniDistribution(t, [
    hello,
    { name: 'rival', files: [{ type: 'file', path: '/usr/bin/hello', mode: 0o755, content: 'other' }] },
  ]);
  const error = await t.throwsAsync(mini.compose(), { instanceOf: UserError });
  t.is(error?.code, 'file-conflict');
  t.is(error?.message, 'hello-1-1.noarch and rival-1-1.noarch both bring /usr/bin/hello, with different content');
  t.false(existsSync(join(mini.folder, 'repo')));
});

test('composeTree() says which package a scriptlet of which kind failed, how, and what it said', async (t) => {
  const mini = await miniDistribution(t, [{ ...hello, scriptlets: { post: { script: 'echo going down\nexit 7' } } }]);
  const error = await t.throwsAsync(mini.compose(), { instanceOf: UserError });
  t.is(error?.code, 'scriptlet-failed');
  t.is(error?.message, 'the %post of hello-1-1.noarch failed with exit status 7:\n    going down');
  t.false(existsSync(join(mini.folder, 'repo')));
  await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);

  await mini.publish([hello]);
  t.true((await mini.compose()).changed);
});

test('slipway compose tree refuses --lockfile-strict without a lockfile', async (t) => {
  const { exitCode, stderr } = await slipway(['compose', 'tree', 'host.yaml', '--repo', 'repo', '--lockfile-strict']);
  t.is(stderr, 'error: --lockfile-strict says nothing without a lockfile\nhint: give --lockfile FILE\n');
  t.is(exitCode, 2);
});

test('slipway compose tree gives documents of one kind on stdout and in a file, and makes the folders of files that it is asked for', async (t) => {
  const mini = await miniDistribution(t, [hello]);
  const line = ['compose', 'tree', join(mini.folder, 'host.json'), '--quiet', '--json'];
  const places = ['--repo', join(mini.folder, 'repo'), '--cachedir', join(mini.folder, 'cache')];
  const compose = async (...words: string[]) => {
    const { stdout, stderr, exitCode } = await slipway([...line, ...places, ...words]);
    t.is(exitCode, 0, stderr);
    return JSON.parse(stdout);
  };
  const forecast = await compose('--dry-run', '--touch-if-changed', join(mini.folder, 'would-change'));
  t.like(forecast, { kind: 'compose-forecast', version: 1, changed: true, previous: null });
  t.true(existsSync(join(mini.folder, 'would-change')), 'as rpm-ostree does');
  const [document, touched] = ['new/compose.json', 'newer/touched'].map((name) => join(mini.folder, name)) as [
    string,
    string,
  ];
  const files = ['--write-composejson-to', document, '--touch-if-changed', touched];
  const composed = await compose('--add-metadata-string', 'version=42', ...files);
  t.like(composed, { kind: 'composed-commit', version: 1, commitVersion: '42', changed: true });
  t.deepEqual(JSON.parse(await readFile(document, 'utf8')), composed);
  t.true(existsSync(touched));
});

test('composeTree() wants a kernel in a tree that is to boot', async (t) => {
  const mini = await miniDistribution(t, [hello], { container: false });
  await t.throwsAsync(mini.compose(), {
    instanceOf: UserError,
    message: 'no package brings a kernel (/usr/lib/modules/VERSION/vmlinuz)',
  });
});

test('the package database of the tree lists exactly its packages', async (t) => {
  const mini = await miniDistribution(t, [hello]);
  const composed = await mini.compose();
  const folder = join(mini.folder, 'checkout');
  await run(['ostree', `--repo=${composed.repo}`, 'checkout', '--user-mode', composed.checksum, folder]);
  const { stdout } = await run(['rpm', '--root', folder, '--dbpath', '/usr/share/rpm', '--query', '--all']);
  t.deepEqual(stdout.trim().split('\n').sort(), ['base-1-1.noarch', 'hello-1-1.noarch']);
  t.deepEqual(await readdir(join(folder, 'usr/share/rpm')), ['rpmdb.sqlite']);
});
