import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { filesystemPackage, setupPackage } from './packages/base.ts';
import { configPackage } from './packages/config.ts';
import { releasePackage, versionPackage } from './packages/release.ts';
import { putInPlace, repoFileText, writeRepository } from './repository.ts';

const tools = { events: new Events(), signal: new AbortController().signal };
const own = [setupPackage(), filesystemPackage(), releasePackage('trixie'), configPackage(), versionPackage(1)];
const content = { suite: 'trixie', files: [], own };

test('writeRepository() makes a repository of packages that rpm reads, with metadata and a .repo file', async (t) => {
  const folder = join(await temporaryFolder(t), 'made', 'here');
  await writeRepository(folder, content, tools);
  const packages = (await readdir(folder)).filter((name) => name.endsWith('.rpm'));
  t.deepEqual(packages, [
    'filesystem-1-1.noarch.rpm',
    'setup-1-1.noarch.rpm',
    'slipway-sample-config-1-1.noarch.rpm',
    'slipway-sample-release-13-1.noarch.rpm',
    'slipway-sample-version-1-1.noarch.rpm',
  ]);
  const checked = await run(['rpm', '--checksig', '--nosignature', ...packages], { cwd: folder });
  t.is(checked.stdout.match(/digests OK/g)?.length, packages.length);
  t.regex(await readFile(join(folder, 'repodata', 'repomd.xml'), 'utf8'), /<data type="primary">/);
  t.regex(await readFile(join(folder, 'sample.repo'), 'utf8'), new RegExp(`^baseurl=file://${folder}$`, 'm'));
  t.regex(await readFile(join(folder, 'README'), 'utf8'), /not a distribution to run/);
});

test('writeRepository() gives the same metadata for the same packages in another folder', async (t) => {
  const parent = await temporaryFolder(t);
  await writeRepository(join(parent, 'a'), content, tools);
  await writeRepository(join(parent, 'b'), content, tools);
  const [a, b] = await Promise.all(
    ['a', 'b'].map((name) => readFile(join(parent, name, 'repodata', 'repomd.xml'), 'utf8')),
  );
  t.is(a, b);
  t.deepEqual((await readdir(parent)).sort(), ['a', 'b']);
});

test('writeRepository() leaves a finished repository alone and makes it anew for another list', async (t) => {
  const folder = join(await temporaryFolder(t), 'repository');
  await writeRepository(folder, content, tools);
  const { ino } = await stat(folder);
  await writeRepository(folder, content, tools);
  t.is((await stat(folder)).ino, ino);
  await writeRepository(folder, { ...content, own: [...own, versionPackage(2)] }, tools);
  t.true((await readdir(folder)).includes('slipway-sample-version-2-1.noarch.rpm'));
});

test('putInPlace() lets runs at once each put their own folder there', async (t) => {
  const parent = await temporaryFolder(t);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, 'name'), name);
  }
  await Promise.all(names.map((name) => putInPlace(join(parent, name), join(parent, 'placed'))));
  t.deepEqual(await readdir(parent), ['placed']);
  t.true(names.includes(await readFile(join(parent, 'placed', 'name'), 'utf8')));
});

test('repoFileText() writes a folder with spaces as one URL', (t) => {
  t.regex(repoFileText('/a folder/100%', 'trixie'), /^baseurl=file:\/\/\/a%20folder\/100%25$/m);
});

test('writeRepository() refuses a folder that holds other files', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'mine'));
  await writeFile(join(folder, 'mine', 'thesis'), 'years');
  const error = await t.throwsAsync(writeRepository(join(folder, 'mine'), content, tools), { instanceOf: UserError });
  t.is(error?.message, `${join(folder, 'mine')} holds other files`);
  t.is(await readFile(join(folder, 'mine', 'thesis'), 'utf8'), 'years');
});

test('the packages of the distribution set no password and name the distribution', (t) => {
  const text = (path: string): string => {
    const file = own.flatMap(({ files = [] }) => files).find((candidate) => candidate.path === path);
    return file?.type === 'file' ? String(file.content) : '';
  };
  for (const line of text('/etc/shadow').trim().split('\n')) t.regex(line, /^[a-z_-]+:\*:/);
  t.regex(text('/etc/passwd'), /^root:x:0:0:root:\/root:\/bin\/bash$/m);
  t.regex(text('/usr/lib/os-release'), /^ID=slipway-sample$/m);
  t.regex(text('/usr/lib/os-release'), /^VERSION_ID="13"$/m);
  t.regex(text('/usr/lib/os-release'), /^VARIANT_ID=container-host$/m);
});
