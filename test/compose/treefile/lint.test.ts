import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { lintTreefile } from '../../../compose/treefile/lint.ts';
import { tree } from '../../support/temporary.ts';

const clean = {
  'top.yaml': 'ref: a/b\nrepos: [r]\npackages: [vim]\n',
  'r.repo': '[r]\nbaseurl=file:///x\n',
  script: '#!/bin/sh\necho "$SLIPWAY_VAR_x"\n',
  'uses.yaml': 'conditional-include: [{if: x == 7, include: gone.yaml}]\n',
};

const smells: readonly [yaml: string, found: readonly string[]][] = [
  ['', []],
  ['gpg_key: x\n', ['warning[not-acted-on] 4', 'warning[old-spelling] 4']],
  ['bootstrap-packages: [a]\n', ['warning[deprecated] 4']],
  ['boot-location: new\n', ['warning[deprecated] 4']],
  ['boot-location: modules\n', []],
  ['initramfs-args: [--add, ostree]\n', ['warning[deprecated] 4']],
  ['units: [sshd]\n', ['warning[unit-name] 4']],
  ['ignore-removed-users: [a, b, a]\n', ['warning[twice] 4']],
  ['variables: {x: 1}\n', ['warning[unused-variable] 4']],
  ['variables: {x-y: 1}\n', ['warning[variable-name] 4']],
  [`metadata: {a: "\${basarch}"}\n`, ['warning[unknown-variable] 4']],
  [`variables: {x: 1}\nunits: ["\${x}.service"]\nmetadata: {a: "\${x}"}\n`, ['warning[no-substitution] 5']],
  ['variables: {x: 1}\npostprocess: ["echo $SLIPWAY_VAR_x"]\n', []],
  ['variables: {x: 1}\nconditional-include: [{if: x == 2, include: y.yaml}]\n', []],
  ['postprocess:\n  - |\n    echo a\n    echo b\n', ['warning[unchecked-script] 6']],
  ['postprocess:\n  - |\n    #!/bin/bash -e\n    echo a\n    echo b\n', []],
  ['postprocess:\n  - |\n    set -xeuo pipefail\n    echo a\n', []],
  ['postprocess:\n  - |\n    #!/usr/bin/python3\n    a = 1\n    b = 2\n', []],
  ['lockfile-repos: [s]\n', ['warning[not-acted-on] 4', 'warning[unknown-repository] 4']],
  ['lockfile-repos: [r]\n', ['warning[not-acted-on] 4']],
  ['packages-x86_64: [podman >= 4.1]\n', ['warning[request-in-pieces] 4']],
  ['packages-s390x: [podman >= 4.1]\n', ['warning[request-in-pieces] 4']],
  [
    'bootstrap-packages: ["(a if b)", "\'(c if d)\'", "perl(Foo)"]\n',
    ['warning[deprecated] 4', 'warning[request-in-pieces] 4'],
  ],
  ['packages-x86_46: [a]\n', ['warning[architecture] 4']],
  ['packages-amd64: [a]\npackages-s390x: [b]\npackages-sparc64: [c]\n', ['warning[architecture] 4']],
  ['arch-include: {x86-64: [], arm64: a.yaml, s390x: b.yaml}\n', ['warning[architecture] 4']],
  ['units: [t.service, t.service]\n', ['warning[twice] 4']],
  ['add-files: [[r.repo, /etc/a], [r.repo, /etc/b]]\n', []],
  ['repo-packages: [{repo: r, packages: [nano]}]\nexclude-packages: [nano, ed]\n', ['warning[excluded] 5']],
  ['variables: {x: 1}\npostprocess-script: script\n', []],
  ['variables: {x: 1, y: 2}\narch-include: {s390x: uses.yaml}\n', ['warning[unused-variable] 4']],
  [`variables: {x: 1, z: 2}\nconditional-include: [{if: z == 3, include: {metadata: {a: "\${x}"}}}]\n`, []],
  ['include: missing.yaml\n', ['error[file-unreadable] 4']],
];
for (const [yaml, found] of smells) {
  test(`lint finds ${found.join(', ') || 'nothing'} in ${JSON.stringify(yaml)}`, async (t) => {
    const folder = await tree(t, { ...clean, 'top.yaml': clean['top.yaml'] + yaml });
    await chmod(join(folder, 'script'), 0o755);
    const diagnostics = await lintTreefile(join(folder, 'top.yaml'));
    // Which keys are acted on changes as Slipway grows.
    const count = (list: readonly string[]): string[] => list.filter((line) => !line.includes('not-acted-on'));
    t.deepEqual(
      count(diagnostics.map(({ severity, code, position }) => `${severity}[${code}] ${position?.line}`)),
      count(found),
    );
  });
}

test('lint shows how to write a request that fell into pieces', async (t) => {
  const folder = await tree(t, { 'top.yaml': 'ref: a\npackages: [podman >= 4.1, (a if b)]\n' });
  const diagnostics = await lintTreefile(join(folder, 'top.yaml'));
  t.deepEqual(
    diagnostics.map(({ message, hint }) => `${message}: ${hint}`),
    [
      `">=" is taken for a package: put the whole request in single quotes: "'podman >= 4.1'"`,
      `"(a" is taken for a package: put the whole request in single quotes: "'(a if b)'"`,
    ],
  );
});

test('packages of repo-packages are packages', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\nrepo-packages: [{repo: r, packages: [vim]}]\n',
    'r.repo': '[r]\n',
  });
  t.deepEqual(await lintTreefile(join(folder, 'top.yaml')), []);
});

test('lint reports a treefile without packages, and one name in two folders', async (t) => {
  const folder = await tree(t, {
    'top.yaml': 'ref: a\ninclude: sub/a.yaml\nadd-files: [[motd, /etc/motd]]\n',
    'sub/a.yaml': 'add-files: [[motd, /etc/motd2]]\n',
    motd: '',
    'sub/motd': '',
  });
  const diagnostics = await lintTreefile(join(folder, 'top.yaml'));
  t.deepEqual(
    diagnostics.map(({ code }) => code),
    ['same-source', 'no-packages'],
  );
});
