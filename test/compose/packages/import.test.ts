import { readdirSync } from 'node:fs';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { cachedCommit, openPackageCache, type PackageCache, packageRef } from '../../../compose/packages/cache.ts';
import { importPackages } from '../../../compose/packages/import.ts';
import { readPackage } from '../../../compose/packages/package.ts';
import { Cancelled, UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { readRpmHeader } from '../../../lib/rpm/read.ts';
import type { RpmFile } from '../../../lib/rpm/spec.ts';
import { rpmFileFlag, rpmTag } from '../../../lib/rpm/tags.ts';
import { writeRpm } from '../../../lib/rpm/write.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/rpms', import.meta.url));

const plainFiles: readonly RpmFile[] = [
  { type: 'directory', path: '/usr/share/folder', mode: 0o2750 },
  { type: 'file', path: '/usr/bin/suid', mode: 0o4755, content: 'run' },
  { type: 'file', path: '/usr/lib/unowned/folders/on/the/way', content: '' },
  { type: 'file', path: '/usr/share/folder/a', mode: 0o640, content: 'same' },
  { type: 'hardlink', path: '/usr/share/folder/b', target: '/usr/share/folder/a' },
  { type: 'file', path: '/usr/share/folder/ab', mode: 0o640, content: 'same' },
  { type: 'file', path: '/usr/share/folder/Ünïcödé \u{10000} \uffee', content: 'name' },
  { type: 'symlink', path: '/usr/share/folder/link', target: '../föö' },
  { type: 'file', path: '/etc/large', content: Buffer.alloc(3 << 20, 'large') },
];

async function packageOf(
  folder: string,
  name: string,
  files: readonly RpmFile[],
  compressor: 'zstd' | 'gzip' = 'zstd',
): Promise<string> {
  const path = join(folder, `${name}.rpm`);
  await writeRpm(path, { ...{ name, version: '1', release: '1', arch: 'noarch' }, compressor, files });
  return path;
}

interface Imported {
  readonly cache: PackageCache;
  /** By path of the RPM. */
  readonly commits: ReadonlyMap<string, string>;
  /** Done and total, as they were told. */
  readonly progress: readonly (readonly [number, number])[];
}

async function importAll(
  folder: string,
  paths: readonly string[],
  { readonlyExecutables = false, signal = new AbortController().signal, onProgress = () => {} } = {},
): Promise<Imported> {
  const context = { events: new Events(), signal, runOptions: { signal } };
  const cache = await openPackageCache(join(folder, 'cache'), 0, context.runOptions);
  const packages = paths.map((path) => ({ digest: path, path, readonlyExecutables }));
  const work = join(folder, `work-${readdirSync(folder).length}`);
  await mkdir(work);
  const progress: [number, number][] = [];
  context.events.listen((event) => {
    if (event.type !== 'progress') return;
    progress.push([event.done, event.total]);
    onProgress();
  });
  const commits = await context.events.step('import', (step) => importPackages(packages, cache, work, context, step));
  return { cache, commits, progress };
}

/** The commit that libostree itself makes of what libarchive reads. */
async function commitOfOstree(folder: string, path: string): Promise<string> {
  const repo = join(folder, 'peer');
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=bare']);
  const ids = ['--owner-uid=0', '--owner-gid=0'];
  const plain = ['--orphan', '--no-bindings', '--parent=none', '--timestamp=@0', '--tar-autocreate-parents'];
  const { stdout } = await run(['ostree', `--repo=${repo}`, 'commit', ...ids, ...plain, `--tree=tar=${path}`]);
  return stdout.trim();
}

async function listed({ cache, commits }: Imported, path: string): Promise<string[]> {
  const { stdout } = await run(['ostree', `--repo=${cache.repo}`, 'ls', '--recursive', commits.get(path)!, '/']);
  return stdout.trim().split('\n');
}

for (const compressor of ['zstd', 'gzip'] as const) {
  test(`importPackages() makes the commit that libostree makes, packed with ${compressor}`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = await packageOf(folder, 'plain', plainFiles, compressor);
    const { commits, cache, progress } = await importAll(folder, [path]);
    t.is(commits.get(path), await commitOfOstree(folder, path));
    t.deepEqual(progress, [[1, 1]]);
    await run(['ostree', `--repo=${cache.repo}`, 'fsck', '--quiet']);
  });
}

for (const name of ['v4/rpm-basic-2.3.4-5.el9.noarch.rpm', 'rpm-testsuite/hello-2.0-1.x86_64.rpm']) {
  test(`importPackages() makes the commit that libostree makes of the package of another builder: ${name}`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(fixtures, name);
    t.is((await importAll(folder, [path])).commits.get(path), await commitOfOstree(folder, path));
  });
}

for (const name of ['v6/rpm-hardlinks-1.0-1.noarch.rpm', 'v6-xz/rpm-basic-2.3.4-5.el9.noarch.rpm']) {
  test(`importPackages() reads the newer format: ${name}`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(fixtures, name);
    const imported = await importAll(folder, [path]);
    await run(['ostree', `--repo=${imported.cache.repo}`, 'fsck', '--quiet']);
    const { files } = await readPackage({ nevra: path, digest: path, path });
    const found = new Map((await listed(imported, path)).map((line) => [/ (\/.*)$/.exec(line)![1], line]));
    for (const { path: file, mode, size } of files) {
      const [, permissions, length] = /^[-d]0(\d+) 0 0 +(\d+) /.exec(found.get(file) ?? '') ?? [];
      t.is(Number.parseInt(permissions ?? '', 8), mode & 0o7777, file);
      if (mode >> 12 === 8) t.is(Number(length), size, file);
    }
  });
}

test('importPackages() leaves devices and pipes out, and makes folders writable for their owner', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await packageOf(folder, 'odd', [
    { type: 'file', path: '/usr/lib/a-device', content: 'is drained' },
    { type: 'file', path: '/usr/lib/b-pipe', content: '' },
    { type: 'file', path: '/usr/lib/c-file', content: 'kept' },
    { type: 'directory', path: '/usr/lib/d-folder', mode: 0o555 },
  ]);
  await setMode(path, 0, 0o020_666);
  await setMode(path, 1, 0o010_644);
  const lines = (await listed(await importAll(folder, [path]), path)).filter((line) => line.includes('/usr/lib/'));
  t.deepEqual(
    lines,
    ['d00755 0 0      0 /usr/lib/d-folder', '-00644 0 0      4 /usr/lib/c-file'].sort(),
    lines.join('\n'),
  );
});

/** Type and permissions of one file in the header, which our writer knows no devices for. */
async function setMode(path: string, index: number, mode: number): Promise<void> {
  await changeHeader(path, rpmTag.fileModes, (values) => values.writeUInt16BE(mode, index * 2));
}

/** Changes a tag's values in place. */
async function changeHeader(path: string, tag: number, change: (values: Buffer) => void): Promise<void> {
  const header = await readRpmHeader(path);
  const start = header.payloadOffset - header.data.length + header.index.get(tag)!.offset;
  const bytes = await readFile(path);
  change(bytes.subarray(start));
  await writeFile(path, bytes);
}

test('importPackages() leaves out what the header calls a ghost, though the payload has it', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await packageOf(folder, 'ghost', [
    { type: 'symlink', path: '/usr/lib/a', target: '../../../..' },
    { type: 'file', path: '/usr/lib/b', content: 'kept' },
  ]);
  await changeHeader(path, rpmTag.fileFlags, (values) => values.writeUInt32BE(rpmFileFlag.ghost, 0));
  const names = (await listed(await importAll(folder, [path]), path)).map((line) => line.split('/').at(-1));
  t.deepEqual(names.slice(-2), ['lib', 'b']);
});

for (const folderName of ['/usr/lib/.', '/usr/lib//', '/usr/../ab']) {
  test(`importPackages() refuses a path that no check of paths expects: ${folderName}/x`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = await packageOf(folder, 'odd', [{ type: 'file', path: '/usr/lib/a/x', content: 'x' }], 'gzip');
    await changeHeader(path, rpmTag.dirNames, (values) => values.write(folderName));
    await changePayload(path, '/usr/lib/a/x', `${folderName}/x`);
    const error = await t.throwsAsync(importAll(folder, [path]), { instanceOf: UserError });
    t.is(error?.message, `${path} cannot be imported: ${folderName}/x is no plain path`);
  });
}

/** Changes a text in the gzipped payload to one of the same length. */
async function changePayload(path: string, text: string, other: string): Promise<void> {
  const { payloadOffset } = await readRpmHeader(path);
  const bytes = await readFile(path);
  const payload = gunzipSync(bytes.subarray(payloadOffset)).toString('latin1').replace(text, other);
  await writeFile(path, Buffer.concat([bytes.subarray(0, payloadOffset), gzipSync(Buffer.from(payload, 'latin1'))]));
}

test('importPackages() refuses a link that leads elsewhere than its header says', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await packageOf(folder, 'two-faced', [{ type: 'symlink', path: '/usr/lib/l', target: '../../..' }]);
  await changeHeader(path, rpmTag.fileLinkTos, (values) => values.write('aa/aa/aa'));
  const error = await t.throwsAsync(importAll(folder, [path]), { instanceOf: UserError });
  t.is(error?.message, `${path} cannot be imported: its header and its payload do not agree where /usr/lib/l leads`);
});

test('a name in the cache that a power cut took the content of is that of no package', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await packageOf(folder, 'plain', plainFiles);
  const { cache, commits } = await importAll(folder, [path]);
  const ref = packageRef({ digest: path, readonlyExecutables: false });
  for (const content of ['', '\0'.repeat(65), commits.get(path)!.slice(0, 20)]) {
    await writeFile(join(cache.repo, 'refs/heads', ref), content);
    t.is(cachedCommit(cache, ref), null);
    t.deepEqual((await importAll(folder, [path])).commits, commits);
    t.is(cachedCommit(cache, ref), commits.get(path)!);
  }
});

test('importPackages() makes a package once, and again with other options', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await packageOf(folder, 'plain', plainFiles);
  const first = await importAll(folder, [path]);
  const again = await importAll(folder, [path]);
  t.deepEqual(again.commits, first.commits);
  t.deepEqual(again.progress, []);
  const readonly = await importAll(folder, [path], { readonlyExecutables: true });
  t.true((await listed(readonly, path)).some((line) => /^-04555 0 0 +3 \/usr\/bin\/suid$/.test(line)));
  t.true((await listed(first, path)).some((line) => /^-04755 0 0 +3 \/usr\/bin\/suid$/.test(line)));
});

test('importPackages() names all packages that it cannot import, and keeps the others', async (t) => {
  const folder = await temporaryFolder(t);
  const [whole, cut, through] = [
    await packageOf(folder, 'whole', plainFiles),
    await packageOf(folder, 'cut', plainFiles),
    await packageOf(folder, 'through', [
      { type: 'symlink', path: '/usr/lib/link', target: 'share' },
      { type: 'file', path: '/usr/lib/link/file', content: 'x' },
    ]),
  ];
  const bytes = await readFile(cut);
  await writeFile(cut, bytes.subarray(0, bytes.length - 40));
  const error = await t.throwsAsync(importAll(folder, [cut, whole, through]), { instanceOf: UserError });
  t.is(error?.code, 'rpm-unreadable');
  t.regex(error?.message ?? '', /cut\.rpm is not a readable RPM: its payload cannot be unpacked: /);
  t.regex(
    error?.message ?? '',
    /through\.rpm cannot be imported: usr\/lib\/link leads through link, which is no folder/,
  );
  t.is(error?.message.split('\n').length, 2);
  const cache = { repo: join(folder, 'cache/packages/uid-0/repo'), keepsAttributes: true };
  const refOf = (digest: string): string => packageRef({ digest, readonlyExecutables: false });
  t.not(cachedCommit(cache, refOf(whole)), null);
  t.is(cachedCommit(cache, refOf(cut)), null);
  await run(['ostree', `--repo=${cache.repo}`, 'fsck', '--quiet']);
});

test('importPackages() ends when it is cancelled, and what it made is whole', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = await Promise.all(
    Array.from({ length: 40 }, (_, number) => packageOf(folder, `${number}`, plainFiles)),
  );
  const controller = new AbortController();
  const stopped = importAll(folder, paths, { signal: controller.signal, onProgress: () => controller.abort() });
  await t.throwsAsync(stopped, { instanceOf: Cancelled });
  await run(['ostree', `--repo=${join(folder, 'cache/packages/uid-0/repo')}`, 'fsck', '--quiet']);
});

test('importPackages() passes a large file on in pieces, hard links too', async (t) => {
  const folder = await temporaryFolder(t);
  const size = 192 << 20;
  await writeFile(join(folder, 'sparse'), '');
  await truncate(join(folder, 'sparse'), size);
  const path = await packageOf(folder, 'big', [
    { type: 'file', path: '/lib/firmware/big', content: { fromFile: join(folder, 'sparse') } },
    { type: 'hardlink', path: '/lib/firmware/same', target: '/lib/firmware/big' },
  ]);
  const repo = join(folder, 'repo');
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=bare']);
  // In a process of its own, whose greatest memory use is that of the import.
  const modules = ['packages/package-commit.ts', 'repository/write-objects.ts'].map((name) =>
    JSON.stringify(new URL(`../../../compose/${name}`, import.meta.url)),
  );
  const script = `
    import { commitPackage } from ${modules[0]};
    import { objectWriter } from ${modules[1]};
    const before = process.resourceUsage().maxRSS;
    const each = { path: ${JSON.stringify(path)}, readonlyExecutables: false };
    const commit = await commitPackage(each, objectWriter(${JSON.stringify(repo)}, ${JSON.stringify(folder)}));
    console.log(JSON.stringify({ commit, grownKib: process.resourceUsage().maxRSS - before }));`;
  const { stdout } = await run([process.execPath, '--input-type=module', '--eval', script]);
  const { commit, grownKib } = JSON.parse(stdout) as { commit: string; grownKib: number };
  t.true(grownKib < size / 2 / 1024, `${grownKib} KiB`);
  const list = await run(['ostree', `--repo=${repo}`, 'ls', '--checksum', commit, '/usr/lib/firmware']);
  const [, big, same] = list.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/ +/));
  t.is(big?.[3], String(size));
  t.deepEqual(big?.slice(0, 5), same?.slice(0, 5) ?? []);
  await run(['ostree', `--repo=${repo}`, 'fsck', '--quiet']);
});
