import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadTreefile } from '../../../compose/treefile/load.ts';
import { tree } from '../../support/temporary.ts';
import { atomicHost, coreosStyle } from './known-manifests.ts';
import { readTree } from './read-tree.ts';

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
  const files = { 'host.json': JSON.stringify(atomicHost, null, 4), 'treecompose-post.sh': '#!/bin/sh\n' };
  const { problems, printed, folder } = await readTree(t, files);
  t.deepEqual(problems.match(/^\w+\[[\w-]+\]: no such key "\w+"/gm), ['note[unknown-key]: no such key "comment"']);
  t.false(problems.includes('error'));
  t.is(printed['boot-location'], 'new');
  await chmod(join(folder, 'treecompose-post.sh'), 0o755);
  const { treefile } = await loadTreefile(join(folder, 'host.json'), { arch: 'x86_64' });
  t.deepEqual(treefile.packages, ['docker', 'filesystem', 'grub2', 'kernel', 'kubernetes']);
  t.deepEqual(treefile.checkPasswd, { type: 'data', entries: { root: [0], bin: [1], dockerroot: [986] } });
});
