import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { maintainCache } from '../../compose/cache.ts';
import { cacheLock } from '../../compose/packages/cache.ts';
import { objectsNamedIn } from '../../compose/packages/damage.ts';
import type { CacheReport } from '../../compose/packages/maintain.ts';
import { workFolderName } from '../../compose/work-folder.ts';
import { sha256 } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { withFileLock } from '../../lib/file-lock.ts';
import { run } from '../../lib/run.ts';
import { slipway } from '../support/slipway.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { cacheRepo, type MiniDistribution, miniDistribution } from './mini-distribution.ts';

function maintain(mini: MiniDistribution, action: 'show' | 'gc' | 'verify', unusedDays = 30): Promise<CacheReport> {
  const tools = { events: new Events(), signal: new AbortController().signal };
  return maintainCache(action, { cacheDir: join(mini.folder, 'cache'), unusedDays }, tools);
}

test('the cache is shown, verified and emptied of what nobody uses, and fills again', async (t) => {
  const mini = await miniDistribution(t, [
    { name: 'one', files: [{ type: 'file', path: '/usr/share/one', content: 'first' }] },
    { name: 'two', files: [{ type: 'file', path: '/usr/share/two', content: 'second' }] },
  ]);
  const composed = await mini.compose();
  t.like(await maintain(mini, 'show'), {
    kind: 'cache-report',
    version: 1,
    packages: 3,
    initramfs: 0,
    removed: 0,
    problems: [],
  });
  t.deepEqual((await maintain(mini, 'verify')).problems, []);
  const kept = await maintain(mini, 'gc');
  t.like(kept, { packages: 3, removed: 0 });
  const filled = kept.parts.filter(({ files }) => files > 0).map(({ name }) => name);
  t.deepEqual(filled, ['parsed metadata', 'package locks', 'verdicts on files']);

  const emptied = await maintain(mini, 'gc', -1);
  t.is(emptied.packages, 0);
  t.is(emptied.removed, 3 + kept.parts.reduce((sum, { files }) => sum + files, 0));
  t.deepEqual(
    emptied.parts.filter(({ files }) => files > 0),
    [],
  );
  t.true(emptied.bytes < kept.bytes / 2);
  const again = await mini.compose({ force: true, parent: null });
  t.is(again.checksum, composed.checksum);
});

const hello = {
  name: 'hello',
  files: [{ type: 'file', path: '/usr/bin/hello', content: 'hello', mode: 0o755 }],
} as const;

/** What `ostree ls` says of a path in the cached commit of the package that has it. */
async function cachedObject(mini: MiniDistribution, path: string): Promise<{ file: string; folder: string }> {
  const repo = cacheRepo(mini.folder);
  const { stdout: refs } = await run(['ostree', `--repo=${repo}`, 'refs', '--list', 'slipway/pkg']);
  for (const ref of refs.trim().split('\n')) {
    const list = ['ostree', `--repo=${repo}`, 'ls', '--checksum', '--dironly', ref];
    const { exitCode, stdout } = await run([...list, path], { okExitCodes: [0, 1] });
    if (exitCode !== 0) continue;
    const folder = (await run([...list, dirname(path)])).stdout.trim().split(/ +/)[4]!;
    return { file: `${stdout.trim().split(/ +/)[4]}.file`, folder: `${folder}.dirtree` };
  }
  throw new Error(`no package has ${path}`);
}

for (const [title, what, place, damage] of [
  ['changed content', 'file', '/usr/bin/hello', (path: string) => writeFile(path, 'damaged', { flag: 'a' })],
  ['missing content', 'file', '/usr/bin/hello', (path: string) => rm(path)],
  ['a changed folder', 'folder', '/usr/bin/', (path: string) => writeFile(path, 'damaged', { flag: 'a' })],
  ['a missing folder', 'folder', '/usr/bin/', (path: string) => rm(path)],
] as const) {
  test(`verify names the package and the path of ${title}, and the repair lets composes work again`, async (t) => {
    const mini = await miniDistribution(t, [hello]);
    const composed = await mini.compose();
    const object = (await cachedObject(mini, '/usr/bin/hello'))[what];
    await damage(join(cacheRepo(mini.folder), 'objects', object.slice(0, 2), object.slice(2)));
    const sentence = `hello-1-1.noarch: ${place} is damaged (${object})`;
    for (const time of ['first', 'second']) {
      t.true((await maintain(mini, 'verify')).problems.includes(sentence), `the ${time} time`);
    }
    const line = ['cache', 'verify', '--repair', '--quiet', '--cachedir', join(mini.folder, 'cache')];
    const repaired = await slipway(line);
    t.is(repaired.exitCode, 0, repaired.stderr);
    t.true(repaired.stdout.startsWith(`${sentence}\n`), repaired.stdout);
    t.regex(repaired.stdout, /\d entries removed; the next compose makes them again\n$/);
    t.deepEqual((await maintain(mini, 'verify')).problems, []);
    t.is((await mini.compose({ force: true, parent: null })).checksum, composed.checksum);
    t.deepEqual((await maintain(mini, 'verify')).problems, []);
  });
}

test('the repair finds damage that other damage hides, and names without content', async (t) => {
  const mini = await miniDistribution(t, [
    hello,
    { name: 'other', files: [{ type: 'file', path: '/usr/share/other/file', content: 'other' }] },
  ]);
  const composed = await mini.compose();
  const objects = join(cacheRepo(mini.folder), 'objects');
  const { file } = await cachedObject(mini, '/usr/bin/hello');
  await writeFile(join(objects, file.slice(0, 2), file.slice(2)), 'damaged', { flag: 'a' });
  const { folder } = await cachedObject(mini, '/usr/share/other/file');
  await rm(join(objects, folder.slice(0, 2), folder.slice(2)));
  const refs = join(cacheRepo(mini.folder), 'refs/heads/slipway/pkg');
  const torn = (await readdir(refs))[0]!;
  await writeFile(join(refs, torn), '\0'.repeat(65));

  const { problems } = await maintain(mini, 'verify');
  t.regex(problems[0] ?? '', new RegExp(`^[\\w-]+-1-1\\.noarch: / is damaged \\(slipway/pkg/${torn}\\)$`));
  t.is(problems[1], 'contents of files were not all read because of that; `--repair` removes it and reads on');
  const tools = { events: new Events(), signal: new AbortController().signal };
  await maintainCache('repair', { cacheDir: join(mini.folder, 'cache'), unusedDays: 30 }, tools);
  t.deepEqual((await maintain(mini, 'verify')).problems, []);
  t.is((await mini.compose({ force: true, parent: null })).checksum, composed.checksum);
});

test('a damaged object in the cache ends a compose', async (t) => {
  const mini = await miniDistribution(t, [hello]);
  await mini.compose();
  const { file } = await cachedObject(mini, '/usr/bin/hello');
  await writeFile(join(cacheRepo(mini.folder), 'objects', file.slice(0, 2), file.slice(2)), 'damaged', { flag: 'a' });
  const error = await t.throwsAsync(mini.compose({ force: true }), { instanceOf: UserError });
  t.is(error?.code, 'cache-damaged');
  t.regex(error?.message ?? '', /^the cached object \S+\.file was written to, so no commit is made of it$/);
});

test('objectsNamedIn() knows what ostree fsck says', (t) => {
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
  for (const [said, objects] of [
    [
      `In commits ${one}: fsck content object ${two}: Corrupted file object; checksum expected='${two}'`,
      [`${two}.file`],
    ],
    [`Object missing in commits ${one}, ${one}: ${two}.file\nMarking commit as partial: ${one}`, [`${two}.file`]],
    [`In commits ${one}: fsck ${two}.dirtree: Corrupted dirtree object`, [`${two}.dirtree`]],
    [`error: Loading commit for ref a: No such metadata object ${one}.commit`, [`${one}.commit`]],
    [
      `error: No such metadata object ${two}.dirmeta\nerror: No such metadata object ${two}.dirmeta`,
      [`${two}.dirmeta`],
    ],
    ['error: Repository corruption encountered', []],
  ] as const) {
    t.deepEqual(objectsNamedIn(said), [...objects]);
  }
});

test('a file in place of the cache is called one', async (t) => {
  const cacheDir = join(await temporaryFolder(t), 'file');
  await writeFile(cacheDir, '');
  const tools = { events: new Events(), signal: new AbortController().signal };
  const error = await t.throwsAsync(maintainCache('show', { cacheDir, unusedDays: 30 }, tools));
  t.is(error?.message, `${cacheDir} is no folder, and cannot be a cache`);
});

test('show and verify write nothing where there is no cache', async (t) => {
  const cacheDir = join(await temporaryFolder(t), 'none');
  for (const action of ['show', 'verify'] as const) {
    const tools = { events: new Events(), signal: new AbortController().signal };
    const report = await maintainCache(action, { cacheDir, unusedDays: 30 }, tools);
    t.like(report, { packages: 0, bytes: 0, problems: [] });
    t.false(existsSync(cacheDir));
  }
});

test('downloads that are not what their names say, and locks that cannot be read, are found; unused ones are removed', async (t) => {
  const mini = await miniDistribution(t, []);
  await mini.compose();
  const cache = join(mini.folder, 'cache');
  const [good, bad] = [
    join(cache, 'rpms/sha256', `${sha256('good')}.rpm`),
    join(cache, 'metadata/sha256', `${sha256('x')}.xml.gz`),
  ];
  for (const path of [good, bad]) await mkdir(dirname(path), { recursive: true });
  await writeFile(good, 'good');
  await writeFile(bad, 'other');
  const lock = join(cache, 'locks', (await readdir(join(cache, 'locks')))[0]!);
  await writeFile(lock, '{');
  const { problems } = await maintain(mini, 'verify');
  t.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    [bad, lock],
  );
  const tools = { events: new Events(), signal: new AbortController().signal };
  t.like(await maintainCache('repair', { cacheDir: cache, unusedDays: 30 }, tools), { removed: 2 });
  t.false(existsSync(bad) || existsSync(lock));
  const longAgo = Date.now() / 1000 - 40 * 86_400;
  await utimes(good, longAgo, longAgo);
  t.is((await maintain(mini, 'gc')).removed, 1);
});

test('gc waits for a compose that has begun, and a compose for gc', async (t) => {
  const mini = await miniDistribution(t, []);
  await mini.compose();
  const signal = new AbortController().signal;
  const order: string[] = [];
  let waiting: Promise<unknown> = Promise.resolve();
  const held = (mode: 'shared' | 'exclusive', next: () => Promise<unknown>): Promise<void> =>
    withFileLock(
      cacheLock(join(mini.folder, 'cache')),
      signal,
      async () => {
        waiting = next().then(() => order.push('after'));
        await new Promise((resolve) => setTimeout(resolve, 1500));
        order.push('held');
      },
      mode,
    );
  await held('shared', () => maintain(mini, 'gc'));
  await waiting;
  await held('exclusive', () => mini.compose({ force: true }));
  await waiting;
  t.deepEqual(order, ['held', 'after', 'held', 'after']);
});

test('gc leaves the cache alone while a compose is at work', async (t) => {
  const mini = await miniDistribution(t, []);
  await mini.compose();
  const busy = join(mini.folder, 'cache/work', `uid-${process.getuid?.()}`, await workFolderName());
  await run(['mkdir', busy]);
  const error = await t.throwsAsync(maintain(mini, 'gc'), { instanceOf: UserError });
  t.is(error?.code, 'cache-busy');
});

test('gc removes what killed runs left half-written, and nothing that may be in use', async (t) => {
  const mini = await miniDistribution(t, []);
  await mini.compose();
  const folder = join(mini.folder, 'cache/metadata/primary');
  await mkdir(folder, { recursive: true });
  const gone = 4_194_305; // above the kernel's largest process id
  const [left, fresh, living] = [
    `.a.${gone}-0123abcd.tmp`,
    `.b.${gone}-0123abcd.tmp`,
    `.c.${process.pid}-0123abcd.tmp`,
  ];
  const yesterday = Date.now() / 1000 - 86_400;
  for (const name of [left, fresh, living, 'whole.xml']) await writeFile(join(folder, name), name);
  for (const name of [left, living, 'whole.xml']) await utimes(join(folder, name), yesterday, yesterday);
  const before = await readdir(folder);
  t.like(await maintain(mini, 'gc'), { removed: 1 });
  t.deepEqual(
    await readdir(folder),
    before.filter((name) => name !== left),
  );
});
