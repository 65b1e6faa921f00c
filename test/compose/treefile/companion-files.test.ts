import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadTreefile } from '../../../compose/treefile/load.ts';
import type { Treefile } from '../../../compose/treefile/treefile.ts';
import { tree } from '../../support/temporary.ts';

async function load(t: ExecutionContext, folder: string, name = 'top.yaml'): Promise<Treefile> {
  const { treefile } = await loadTreefile(join(folder, name), { arch: 'x86_64' });
  t.is(treefile.file, join(folder, name));
  return treefile;
}

test('add-files copies files, directories and patterns, each relative to the file that lists it', async (t) => {
  const folder = await tree(t, {
    'top.yaml':
      'ref: a\ninclude: sub/inc.yaml\nadd-files: [[motd, /etc/motd], [overlay, /usr/share/x/], ["units/*.service", usr/lib/systemd/system]]\n',
    'sub/inc.yaml': 'add-files: [[motd, /etc/motd.d/theirs]]\n',
    motd: '1',
    'sub/motd': '2',
    'overlay/b': '',
    'overlay/a/deep': '',
    'units/y.service': '',
    'units/x.service': '',
    'units/z.socket': '',
  });
  await symlink('b', join(folder, 'overlay/link'));
  const at = (source: string, destination: string): { source: string; destination: string } => ({
    source: join(folder, source),
    destination,
  });
  t.deepEqual((await load(t, folder)).addFiles, [
    at('sub/motd', 'etc/motd.d/theirs'),
    at('motd', 'etc/motd'),
    at('overlay/a/deep', 'usr/share/x/a/deep'),
    at('overlay/b', 'usr/share/x/b'),
    at('overlay/link', 'usr/share/x/link'),
    at('units/x.service', 'usr/lib/systemd/system/x.service'),
    at('units/y.service', 'usr/lib/systemd/system/y.service'),
  ]);
});

test('add-files: a pattern copies directories that match, and an empty directory is one in the tree', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\nadd-files: [["parts/*", /usr/share/p/], [overlay, /usr]]\n',
    'parts/file': '',
    'parts/folder/inner': '',
    'overlay/share/x': '',
  });
  await mkdir(join(folder, 'parts/empty'));
  await mkdir(join(folder, 'overlay/lib/none'), { recursive: true });
  const at = (source: string, destination: string) => ({ source: join(folder, source), destination });
  t.deepEqual((await load(t, folder)).addFiles, [
    at('parts/empty', 'usr/share/p/empty'),
    at('parts/file', 'usr/share/p/file'),
    at('parts/folder/inner', 'usr/share/p/folder/inner'),
    at('overlay/lib/none', 'usr/lib/none'),
    at('overlay/share/x', 'usr/share/x'),
  ]);
});

test('add-files: ** finds files in directories, but two of one name are an error', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\nadd-files: [["**/*.conf", /etc/x]]\n',
    'a/one.conf': '',
    'b/d.conf/two.conf': '',
  });
  t.deepEqual((await load(t, folder)).addFiles, [
    { source: join(folder, 'a/one.conf'), destination: 'etc/x/one.conf' },
    { source: join(folder, 'b/d.conf/two.conf'), destination: 'etc/x/two.conf' },
  ]);
  await writeFile(join(folder, 'b/one.conf'), '');
  await t.throwsAsync(load(t, folder), {
    message:
      /^error\[add-files\]: \S+\/a\/one\.conf and \S+\/b\/one\.conf would both become \/etc\/x\/one\.conf\n.*top\.yaml:2:13/,
  });
});

test('a directory is no script and no list of users, and one named .repo is no .repo file', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\npostprocess-script: sub\ncheck-passwd: {type: file, filename: sub}\n',
    'plain.yaml': 'ref: a\n',
    'sub/x': '',
    'old.repo/x': '',
  });
  await t.throwsAsync(load(t, folder), {
    message: /sub is a directory, not a file\n.*top\.yaml:2:21[\s\S]*sub is a directory, not a file\n.*top\.yaml:3:15/,
  });
  t.deepEqual((await load(t, folder, 'plain.yaml')).repoFiles, []);
});

test('a link in finalize.d that leads nowhere is passed over', async (t) => {
  const folder = await tree(t, { 'top.yaml': 'ref: a\n', 'finalize.d/README': '' });
  await symlink('gone', join(folder, 'finalize.d/10-gone'));
  t.deepEqual((await load(t, folder)).finalizeScripts, []);
});

test('a directory of add-files that cannot be read is an error at its line', async (t) => {
  const folder = await tree(t, { 'top.yaml': 'ref: a\nadd-files: [[closed, /etc/x]]\n', 'closed/file': '' });
  await chmod(join(folder, 'closed'), 0);
  t.teardown(() => chmod(join(folder, 'closed'), 0o700));
  // Root may read everything.
  if (process.getuid?.() === 0) t.is((await load(t, folder)).addFiles.length, 1);
  else await t.throwsAsync(load(t, folder), { message: /closed cannot be read: permission denied\n.*top\.yaml:2:13/ });
});

for (const destination of ['/usr', 'etc/', '/lib64']) {
  test(`add-files refuses a plain file at ${destination} itself`, async (t) => {
    const folder = await tree(t, { 'top.yaml': `ref: a\nadd-files: [[file, ${destination}]]\n`, file: '' });
    await t.throwsAsync(load(t, folder), {
      message: /^error\[add-files\]: Unsupported path in add-files: \S+\n.*top\.yaml:2:13/,
    });
  });
}

test('a file whose name looks like a pattern is that file', async (t) => {
  const folder = await tree(t, { 'top.yaml': 'ref: a\nadd-files: [["x[1]", /etc/x]]\n', 'x[1]': '', x1: '' });
  t.deepEqual((await load(t, folder)).addFiles, [{ source: join(folder, 'x[1]'), destination: 'etc/x' }]);
});

test('a source that is not there is an error at its line', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\nadd-files:\n  - [mtod, /etc/motd]\n  - ["*.none", /etc]\n',
    motd: '',
  });
  await t.throwsAsync(loadTreefile(join(folder, 'top.yaml')), {
    message: /mtod does not exist beside .*\n.*top\.yaml:3:5\n.*\n.*did you mean "motd"\?\n.*no file matches \*\.none/,
  });
});

test('.repo files are those beside the first file, then those beside included files that name repositories', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\ninclude: [one/a.yaml, two/b.yaml]\n',
    'z.repo': '[z]\n',
    'a.repo': '[a]\n',
    'one/a.yaml': 'repos: [one]\n',
    'one/one.repo': '[one]\n',
    'two/b.yaml': 'packages: [x]\n',
    'two/two.repo': '[two]\n',
  });
  t.deepEqual(
    (await load(t, folder)).repoFiles,
    ['a.repo', 'z.repo', 'one/one.repo'].map((name) => join(folder, name)),
  );
});

test("finalize.d runs executables in the order of their names, and an included file's script replaces its includer's", async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\ninclude: sub/a.yaml\n',
    'finalize.d/20-own': '#!/bin/sh\n',
    'finalize.d/10-both': '#!/bin/sh\n',
    'finalize.d/README': '',
    'sub/a.yaml': '',
    'sub/finalize.d/10-both': '#!/bin/sh\n',
  });
  for (const name of ['finalize.d/20-own', 'finalize.d/10-both', 'sub/finalize.d/10-both'])
    await chmod(join(folder, name), 0o755);
  t.deepEqual((await load(t, folder)).finalizeScripts, [
    join(folder, 'sub/finalize.d/10-both'),
    join(folder, 'finalize.d/20-own'),
  ]);
});

test('postprocess-script and check-passwd name files beside the treefile that says so', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\ninclude: sub/a.yaml\n',
    'sub/a.yaml':
      'postprocess-script: x.sh\ncheck-passwd: {type: file, filename: passwd}\ncheck-groups: {type: data, entries: {a: 1, b: [2]}}\n',
    'sub/x.sh': '',
    'sub/passwd': '',
  });
  await chmod(join(folder, 'sub/x.sh'), 0o755);
  const treefile = await load(t, folder);
  t.is(treefile.postprocessScript, join(folder, 'sub/x.sh'));
  t.deepEqual(treefile.checkPasswd, { type: 'file', filename: join(folder, 'sub/passwd') });
  t.deepEqual(treefile.checkGroups, { type: 'data', entries: { a: [1], b: [2] } });
});

test('postprocess-script must be there and executable', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\npostprocess-script: x.sh\n',
    'x.sh': '',
    'y.yaml': 'ref: a\npostprocess-script: gone.sh\ncheck-groups: {type: file, filename: gruop}\n',
    group: '',
  });
  await t.throwsAsync(loadTreefile(join(folder, 'top.yaml')), {
    message: /x\.sh is not executable\n.*top\.yaml:2:21\n.*\n.*chmod \+x x\.sh/,
  });
  await t.throwsAsync(loadTreefile(join(folder, 'y.yaml')), {
    message: /gone\.sh does not exist[\s\S]*gruop does not exist[\s\S]*did you mean "group"/,
  });
});

test('a container has its forced values, and defaults are filled', async (t) => {
  const folder = await tree(t, { 'top.yaml': 'ref: a\ncontainer: true\nselinux: true\n', 'plain.yaml': 'ref: a\n' });
  const container = await load(t, folder);
  t.like(container, {
    container: true,
    selinux: false,
    bootLocation: 'modules',
    tmpIsDir: true,
    preservePasswd: false,
  });
  t.deepEqual([container.checkPasswd, container.checkGroups], [{ type: 'none' }, { type: 'none' }]);
  t.like(await load(t, folder, 'plain.yaml'), {
    edition: '2014',
    selinux: true,
    recommends: true,
    documentation: true,
    bootLocation: 'modules',
    tmpIsDir: false,
    machineidCompat: true,
    checkPasswd: { type: 'previous' },
    rpmdb: 'target',
    repoMetadata: 'inline',
    automaticVersionSuffix: '.',
    failOnNewUsers: false,
  });
});

test('keys that nothing acts on yet are loaded and named in a warning', async (t) => {
  const folder = await tree(t, { 'top.yaml': 'ref: a\nrojig: {name: a, summary: b, license: c}\nima: false\n' });
  const { treefile, warnings } = await loadTreefile(join(folder, 'top.yaml'));
  t.deepEqual(treefile.rojig, { name: 'a', summary: 'b', license: 'c' });
  t.deepEqual(
    warnings.map(({ message }) => message),
    ['"rojig" is read, but Slipway does not act on it yet'],
  );
});

test('a compose needs a ref', async (t) => {
  const folder = await tree(t, { 'top.yaml': 'packages: [a]\n' });
  await t.throwsAsync(loadTreefile(join(folder, 'top.yaml')), {
    message: /^error\[missing-ref\]: .*top\.yaml has no "ref"/,
  });
});
