import test from 'ava';
import { merged, readTree } from './read-tree.ts';

test('single values: the file itself, then its first include with all of its includes, then the second', async (t) => {
  const files = {
    'top.yaml': 'include: [a.yaml, b.yaml]\n',
    'a.yaml': 'include: aa.yaml\n',
    'aa.yaml': 'ref: aa\n',
    'b.yaml': 'ref: b\nselinux: false\n',
  };
  t.deepEqual(await merged(t, files), { ref: 'aa', selinux: false });
  t.deepEqual(await merged(t, { ...files, 'top.yaml': 'ref: top\ninclude: [b.yaml, a.yaml]\n' }), {
    ref: 'top',
    selinux: false,
  });
});

test('lists: included items come first, of two includes the later one', async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'include: [a.yaml, b.yaml]\nunits: [t.service]\n',
    'a.yaml': 'units: [a.service]\n',
    'b.yaml': 'units: [b.service]\n',
  });
  t.deepEqual(printed.units, ['b.service', 'a.service', 't.service']);
});

test("postprocess runs in the order of rpm-ostree's documented example", async (t) => {
  const printed = await merged(t, {
    'manifest.yaml': 'include: [kernel.yaml, bootupd.yaml]\npostprocess: [echo foo]\n',
    'kernel.yaml': 'postprocess: [echo bar]\n',
    'bootupd.yaml': 'postprocess: [echo baz]\n',
  });
  t.deepEqual(printed.postprocess, ['echo baz', 'echo bar', 'echo foo']);
});

test('mappings are merged name by name and not deeper', async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'include: a.yaml\nmetadata: {x: {own: 1}}\n',
    'a.yaml': 'metadata: {x: {theirs: 1}, y: 2}\n',
  });
  t.deepEqual(printed.metadata, { x: { own: 1 }, y: 2 });
});

test('sets are united and sorted', async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'include: a.yaml\npackages: [c, a]\nignore-removed-users: [z]\n',
    'a.yaml': 'packages: [b, a]\nignore-removed-users: [y]\n',
  });
  t.deepEqual(printed.packages, ['a', 'b', 'c']);
  t.deepEqual(printed['ignore-removed-users'], ['y', 'z']);
});

test('repo-packages: the last entry that names a package keeps it, and empty entries go', async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'include: a.yaml\nrepo-packages: [{repo: new, packages: [x, y]}]\n',
    'a.yaml': 'repo-packages: [{repo: old, packages: [x, z]}, {repo: gone, packages: [y]}]\n',
  });
  t.deepEqual(printed['repo-packages'], [
    { repo: 'old', packages: ['z'] },
    { repo: 'new', packages: ['x', 'y'] },
  ]);
});

test('repo-packages of a single file are left as they are written', async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'repo-packages: [{repo: a, packages: [x]}, {repo: b, packages: [x]}]\n',
  });
  t.deepEqual(printed['repo-packages'], [
    { repo: 'a', packages: ['x'] },
    { repo: 'b', packages: ['x'] },
  ]);
});

test('repo-packages: items are split at white space before packages change hands', async (t) => {
  const printed = await merged(t, {
    'top.yaml': `include: a.yaml\nrepo-packages: [{repo: new, packages: [curl dash, "'podman >= 4' curl"]}]\n`,
    'a.yaml': 'repo-packages: [{repo: old, packages: [zsh curl]}, {repo: gone, packages: [dash]}]\n',
  });
  t.deepEqual(printed['repo-packages'], [
    { repo: 'old', packages: ['zsh'] },
    { repo: 'new', packages: ['curl', 'dash', "'podman >= 4'"] },
  ]);
});

test('platform-module counts in the first file only', async (t) => {
  t.deepEqual(await merged(t, { 'top.yaml': 'include: a.yaml\n', 'a.yaml': 'platform-module: platform:f40\n' }), {});
  const printed = await merged(t, {
    'top.yaml': 'platform-module: platform:f41\ninclude: a.yaml\n',
    'a.yaml': 'platform-module: platform:f40\n',
  });
  t.is(printed['platform-module'], 'platform:f41');
});

test('a diamond of includes counts once, before everything that builds on it', async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'include: [a.yaml, b.yaml]\nunits: [t.service]\n',
    'a.yaml': 'include: base.yaml\nunits: [a.service]\n',
    'b.yaml': 'include: base.yaml\nunits: [b.service]\n',
    'base.yaml': 'units: [base.service]\n',
  });
  t.deepEqual(printed.units, ['base.service', 'b.service', 'a.service', 't.service']);
});

test('remove-inherited takes members from included files and leaves those of the file itself', async (t) => {
  const printed = await merged(t, {
    'top.yaml': [
      'include: a.yaml',
      'packages: [own]',
      'units: [keep.service]',
      'remove-inherited:',
      '  packages: [nano]',
      '  units: [cups.socket, keep.service]',
      '  add-files: [/etc/motd, /etc/dir]',
      '  metadata: [name]',
      '  remove-from-packages: [glibc]',
      '  repo-packages: [extra]',
    ].join('\n'),
    'a.yaml': [
      'packages: [nano, vim]',
      'units: [cups.socket, keep.service, sshd.service]',
      'add-files: [[motd, /etc/motd], [x, /etc/x], [dir, /etc/dir/]]',
      'metadata: {name: a, other: b}',
      'remove-from-packages: [[glibc, /x]]',
      'repo-packages: [{repo: extra, packages: [e]}]',
    ].join('\n'),
  });
  t.deepEqual(printed, {
    packages: ['own', 'vim'],
    units: ['sshd.service', 'keep.service'],
    'add-files': [['x', '/etc/x']],
    metadata: { other: 'b' },
    'remove-from-packages': [],
    'repo-packages': [],
  });
});

test('remove-inherited says what it cannot remove', async (t) => {
  const { problems } = await readTree(t, {
    'top.yaml': 'include: a.yaml\nremove-inherited:\n  packages: [nanoo]\n  unit: [x]\n  postprocess: [y]\n',
    'a.yaml': 'packages: [nano]\n',
  });
  t.true(
    problems.includes('warning[nothing-to-remove]: no included file has "nanoo" in packages\n  --> top.yaml:3:14'),
    problems,
  );
  t.true(problems.includes('error[not-removable]: "unit" has no members that could be removed\n  --> top.yaml:4:3'));
  t.true(problems.includes('did you mean "units"?'));
  t.true(problems.includes('error[not-removable]: "postprocess" has no members'));
});
