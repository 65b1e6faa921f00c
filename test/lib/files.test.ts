import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { temporaryNameBeside, writeCacheFile, writeFileAtomically } from '../../lib/files.ts';
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
