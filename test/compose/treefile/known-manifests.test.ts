import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadTreefile } from '../../../compose/treefile/load.ts';
import { tree } from '../../support/temporary.ts';
import { readTree } from './read-tree.ts';

/** In the manner of the manifests of Fedora CoreOS: streams as variables, one folder of parts, conditions on the release. */
const coreosStyle = {
  'manifest.yaml': `ref: fedora/\${basearch}/coreos/\${stream}
include: manifests/fedora-coreos.yaml
releasever: 42
variables:
  stream: testing-devel
  prod: false
rojig:
  license: MIT
  name: fedora-coreos
  summary: A host
add-commit-metadata:
  fedora-coreos.stream: \${stream}
repos:
  - fedora-next
lockfile-repos:
  - coreos-pool
`,
  'manifests/fedora-coreos.yaml': `edition: "2024"
include:
  - system.yaml
  - ../overlays.yaml
conditional-include:
  - if: prod == false
    include: unreleased.yaml
  - if:
      - releasever >= 41
      - basearch != "s390x"
    include: [new-release.yaml]
  - if: releasever < 41
    include: gone.yaml
  - if: stream == "testing-devel"
    include:
      postprocess:
        - echo inline
automatic-version-prefix: "\${releasever}.<date:%Y%m%d>.dev"
mutate-os-release: "\${releasever}"
documentation: false
initramfs-args:
  - --no-hostonly
  # Drivers that only desktops need.
  - --omit-drivers
  - nouveau
machineid-compat: true
check-passwd:
  type: "file"
  filename: "passwd"
ignore-removed-users:
  - root
etc-group-members:
  - wheel
  - sudo
packages:
  # Several on a line
  - kernel systemd   rpm-ostree
packages-x86_64:
  - irqbalance
packages-ppc64le:
  - irqbalance librtas
remove-from-packages:
  # Hand-written
  - - systemd
    - /usr/lib/systemd/system/.*dnf.*
  - [cracklib-dicts, .*]
exclude-packages:
  - dnf
  - grubby
postprocess:
  - |
    #!/usr/bin/env bash
    set -xeuo pipefail
    echo last
`,
  'manifests/passwd': 'root:x:0:0::/root:/bin/bash\n',
  'manifests/system.yaml':
    'packages:\n  - bash\npostprocess:\n  - echo system\nrepo-packages:\n  - repo: fedora-next\n    packages:\n      - ignition\n',
  'manifests/unreleased.yaml': 'repos:\n  - fedora-next-updates\n',
  'manifests/new-release.yaml': 'packages: [composefs]\n',
  'overlays.yaml': 'ostree-layers:\n  - overlay/05core\n',
};

test('a manifest in the manner of Fedora CoreOS means what it means there', async (t) => {
  const folder = await tree(t, coreosStyle);
  const { treefile } = await loadTreefile(join(folder, 'manifest.yaml'), { arch: 'x86_64' });
  t.like(treefile, {
    ref: 'fedora/x86_64/coreos/testing-devel',
    releasever: '42',
    edition: '2024',
    automaticVersionPrefix: '42.<date:%Y%m%d>.dev',
    mutateOsRelease: '42',
    bootLocation: 'modules',
    tmpIsDir: true,
    documentation: false,
  });
  t.deepEqual(treefile.repos, ['fedora-next-updates', 'fedora-next']);
  t.deepEqual(treefile.lockfileRepos, ['coreos-pool']);
  t.deepEqual(treefile.packages, ['bash', 'composefs', 'irqbalance', 'kernel', 'rpm-ostree', 'systemd']);
  t.deepEqual(
    treefile.postprocess.map((script) => script.trimEnd().split('\n').at(-1)),
    ['echo system', 'echo inline', 'echo last'],
  );
  t.deepEqual(treefile.removeFromPackages, [
    { package: 'systemd', patterns: ['/usr/lib/systemd/system/.*dnf.*'] },
    { package: 'cracklib-dicts', patterns: ['.*'] },
  ]);
  t.deepEqual(treefile.repoPackages, [{ repo: 'fedora-next', packages: ['ignition'] }]);
  t.deepEqual(treefile.ostreeLayers, ['overlay/05core']);
  t.deepEqual(treefile.checkPasswd, { type: 'file', filename: join(folder, 'manifests/passwd') });
  t.deepEqual(treefile.addCommitMetadata, { 'fedora-coreos.stream': 'testing-devel' });
});

test('a host definition of 2015 in JSON, with legacy keys and comments, is read with notes only', async (t) => {
  const host = {
    comment: 'how it was done',
    ref: 'centos-atomic-host/7/x86_64/standard',
    repos: ['centos-atomic', 'base'],
    selinux: true,
    bootstrap_packages: ['filesystem'],
    automatic_version_prefix: '7',
    boot_location: 'new',
    default_target: 'multi-user.target',
    'postprocess-script': 'treecompose-post.sh',
    'etc-group-members': ['wheel', 'docker'],
    'ignore-removed-users': ['root'],
    'check-passwd': { type: 'data', entries: { root: 0, bin: 1, dockerroot: 986 } },
    packages: ['kernel', 'docker kubernetes'],
    'packages-x86_64': ['grub2'],
    units: ['docker.service'],
    'remove-files': ['usr/share/info'],
  };
  const files = { 'host.json': JSON.stringify(host, null, 4), 'treecompose-post.sh': '#!/bin/sh\n' };
  const { problems, printed, folder } = await readTree(t, files);
  t.deepEqual(problems.match(/^\w+\[[\w-]+\]: no such key "\w+"/gm), ['note[unknown-key]: no such key "comment"']);
  t.false(problems.includes('error'));
  t.is(printed['boot-location'], 'new');
  await chmod(join(folder, 'treecompose-post.sh'), 0o755);
  const { treefile } = await loadTreefile(join(folder, 'host.json'), { arch: 'x86_64' });
  t.deepEqual(treefile.packages, ['docker', 'filesystem', 'grub2', 'kernel', 'kubernetes']);
  t.deepEqual(treefile.checkPasswd, { type: 'data', entries: { root: [0], bin: [1], dockerroot: [986] } });
});
