import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { makeFolder, temporaryNameBeside, writeCacheFile, writeFileAtomically } from '../../lib/files.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder, tree } from '../support/temporary.ts';

test('writeFileAtomically() makes parent folders, replaces the file and sets its mode', async (t) => {
  const path = join(await temporaryFolder(t), 'a/b/file');
  await writeFileAtomically(path, 'one');
  await writeFileAtomically(path, new Uint8Array([0x32]), 0o600);
  t.is(await readFile(path, 'utf8'), '2');
  t.is((await stat(path)).mode & 0o777, 0o600);
  t.deepEqual(await readdir(join(path, '..')), ['file']);
});

test('writeFileAtomically() leaves the old content and no temporary file when it fails', async (t) => {
  const folder = await tree(t, { 'place/kept': 'old' });
  const path = join(folder, 'place');
  await t.throwsAsync(writeFileAtomically(path, 'new'), { code: 'EISDIR' });
  t.deepEqual(await readdir(folder), ['place']);
  t.is(await readFile(join(path, 'kept'), 'utf8'), 'old');
});

test('writeFileAtomically() lets no reader see a part of the content', async (t) => {
  const path = join(await temporaryFolder(t), 'file');
  const contents = ['a'.repeat(300_000), 'b'.repeat(300_000)];
  await writeFileAtomically(path, contents[0]!);
  const writing = Promise.all(contents.map((content) => writeFileAtomically(path, content)));
  for (let i = 0; i < 20; i++) t.true(contents.includes(await readFile(path, 'utf8')));
  await writing;
});

test('writeCacheFile() makes parent folders and replaces the file', async (t) => {
  const path = join(await temporaryFolder(t), 'a/file');
  await writeCacheFile(path, 'one');
  await writeCacheFile(path, 'two');
  t.is(await readFile(path, 'utf8'), 'two');
  t.deepEqual(await readdir(join(path, '..')), ['file']);
});

test('temporaryNameBeside() names a hidden file in the same folder, another one each time', (t) => {
  t.regex(temporaryNameBeside('/a/b'), /^\/a\/\.b\.\d+-[0-9a-f]{8}\.tmp$/);
  t.regex(temporaryNameBeside('b'), /^\.b\.\d+-[0-9a-f]{8}\.tmp$/);
  t.not(temporaryNameBeside('/a/b'), temporaryNameBeside('/a/b'));
});

test('makeFolder() makes missing folders, bears what is there, and ends where a folder refuses', async (t) => {
  const folder = await temporaryFolder(t);
  for (const _ of [1, 2]) await makeFolder(join(folder, 'a/b/c'));
  t.deepEqual(await readdir(join(folder, 'a/b')), ['c']);
  for (let round = 0; round < 100; round++) {
    const deep = join(folder, `${round}/one/after/the/other`);
    await Promise.all([deep, deep, join(deep, 'a'), join(deep, 'b')].map(makeFolder)); // as processes do that import packages
  }
  await writeFile(join(folder, 'file'), '');
  await t.throwsAsync(makeFolder(join(folder, 'file')), { code: 'EEXIST' });
  await t.throwsAsync(makeFolder(join(folder, 'file/a')), { code: 'ENOTDIR' });
  // In a process of its own: an endless mkdir cannot be stopped otherwise.
  const module = fileURLToPath(new URL('../../lib/files.ts', import.meta.url));
  const script = `import { makeFolder } from '${module}';
    await makeFolder('/proc/none/at/all').catch(({ code, path }) => console.log(code, path));`;
  const argv = ['timeout', '--signal=KILL', '60', process.execPath, '--input-type=module', '-e', script];
  t.is((await run(argv)).stdout.trim(), 'ENOENT /proc/none');
});
