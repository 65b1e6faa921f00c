import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { formatYaml } from '../../compose/treefile/format-yaml.ts';
import { lintTreefile } from '../../compose/treefile/lint.ts';
import { loadTreefile } from '../../compose/treefile/load.ts';
import { formatDiagnostic } from '../../lib/diagnostics.ts';
import { tree } from '../support/temporary.ts';

const shipped = fileURLToPath(new URL('../../treefiles', import.meta.url));
const hosts = ['base', 'container-host', 'docker-host', 'kubernetes-master', 'kubernetes-node'];

for (const distribution of ['', 'fedora', 'centos-stream']) {
  test(`treefiles/${distribution} has every kind of host`, (t) => {
    const names = readdirSync(join(shipped, distribution)).filter((name) => name.endsWith('.yaml'));
    t.deepEqual(names.map((name) => basename(name, '.yaml')).sort(), hosts);
  });
}

for (const distribution of ['fedora', 'centos-stream']) {
  for (const host of hosts) {
    test(`treefiles/${distribution}/${host}.yaml is beyond reproach on both architectures`, async (t) => {
      for (const arch of ['x86_64', 'aarch64']) {
        const diagnostics = await lintTreefile(join(shipped, distribution, `${host}.yaml`), { arch });
        t.deepEqual(diagnostics.map(formatDiagnostic), []);
      }
    });
  }
}

for (const host of hosts) {
  test(`treefiles/${host}.yaml is beyond reproach when a treefile with repositories includes it`, async (t) => {
    const include = JSON.stringify(join(shipped, `${host}.yaml`));
    const folder = await tree(t, {
      'host.yaml': `include: ${include}\nrepos: [sample]\n`,
      'sample.repo': '[sample]\n',
    });
    const diagnostics = await lintTreefile(join(folder, 'host.yaml'), { arch: 'x86_64' });
    t.deepEqual(diagnostics.map(formatDiagnostic), []);
    const { treefile } = await loadTreefile(join(folder, 'host.yaml'), { arch: 'x86_64' });
    t.is(treefile.ref, `slipway/x86_64/${host}`);
    t.like(treefile, {
      bootLocation: 'modules',
      tmpIsDir: true,
      machineidCompat: true,
      defaultTarget: 'multi-user.target',
    });
  });
}

test('treefiles/parts/ignition.yaml is beyond reproach beside a host, which has no Ignition without it', async (t) => {
  const include = JSON.stringify(['base.yaml', 'parts/ignition.yaml'].map((name) => join(shipped, name)));
  const folder = await tree(t, {
    'host.yaml': `include: ${include}\nrepos: [sample]\n`,
    'sample.repo': '[sample]\n',
  });
  const diagnostics = await lintTreefile(join(folder, 'host.yaml'), { arch: 'x86_64' });
  t.deepEqual(diagnostics.map(formatDiagnostic), []);
  const { treefile } = await loadTreefile(join(folder, 'host.yaml'), { arch: 'x86_64' });
  const { treefile: base } = await loadTreefile(join(shipped, 'base.yaml'), { arch: 'x86_64' });
  const added = ['ignition', 'slipway-sample-ignition'];
  t.deepEqual(
    treefile.packages.filter((name) => !base.packages.includes(name)),
    added,
  );
  t.is(treefile.ref, base.ref);
});

test('a Kubernetes node takes kubelet and kubeadm when it is told that a repository has them', async (t) => {
  const include = JSON.stringify(join(shipped, 'kubernetes-node.yaml'));
  const folder = await tree(t, { 'host.yaml': `include: ${include}\nvariables: {kubeadm: true}\n` });
  const { treefile } = await loadTreefile(join(folder, 'host.yaml'), { arch: 'x86_64' });
  t.deepEqual(
    treefile.packages.filter((name) => /^kube/.test(name)),
    ['kubeadm', 'kubelet', 'kubernetes-client'],
  );
});

const lists: readonly [hosts: readonly string[], lists: readonly string[]][] = [
  [['base', 'container-host'], ['packages.txt']],
  [hosts, ['packages.txt', 'more-packages.txt']],
];
for (const [named, files] of lists) {
  test(`the sample distribution has with ${files.join(' and ')} all packages of ${named.join(', ')}`, async (t) => {
    const debian = files.flatMap((file) =>
      readFileSync(new URL(`../distro/${file}`, import.meta.url), 'utf8').split('\n'),
    );
    const own = ['setup', 'filesystem', 'slipway-host', 'slipway-sample-config', 'slipway-sample-release'];
    for (const host of named) {
      const { treefile } = await loadTreefile(join(shipped, `${host}.yaml`), { arch: 'x86_64' });
      t.deepEqual(
        treefile.packages.filter((name) => !debian.includes(name) && !own.includes(name)),
        [],
        host,
      );
    }
  });
}

test('all shipped treefiles are formatted', (t) => {
  const files = readdirSync(shipped, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  for (const file of files) {
    const text = readFileSync(join(shipped, file), 'utf8');
    t.deepEqual(formatYaml(text), { text }, file);
  }
});
