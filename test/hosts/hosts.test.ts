// `npm run test:hosts`: every shipped treefile of the sample distribution composes, into one repository, which stays sound.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { repoFile } from '../../cli/demo/host-treefile.ts';
import { composeTree } from '../../compose/compose.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { Events } from '../../lib/events.ts';
import { writeFileAtomically } from '../../lib/files.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { makeSampleDistribution } from '../distro/distribution.ts';

interface ShippedHost {
  readonly name: string;
  /** The ones that make the host what it is; the treefile's other packages are in the lock or the compose fails. */
  readonly packages: readonly string[];
  /** Paths in the commit, as `ostree ls` takes them. */
  readonly paths: readonly string[];
}

const bootable = ['/usr/lib/systemd/systemd', '/usr/sbin/sshd', '/usr/bin/ostree', '/usr/share/rpm/rpmdb.sqlite'];
const wanted = '/usr/etc/systemd/system/multi-user.target.wants';
const node = [
  '/usr/bin/containerd',
  '/usr/sbin/runc',
  '/usr/bin/kubectl',
  '/usr/lib/cni/bridge',
  '/usr/etc/containerd/config.toml',
  '/usr/lib/sysctl.d/60-kubernetes.conf',
  `${wanted}/containerd.service`,
];

const hosts: readonly ShippedHost[] = [
  { name: 'base', packages: ['systemd', 'ostree', 'openssh-server', 'slipway-host'], paths: [`${wanted}/ssh.service`] },
  { name: 'container-host', packages: ['podman', 'crun', 'netavark'], paths: ['/usr/bin/podman', '/usr/bin/docker'] },
  {
    name: 'docker-host',
    packages: ['docker.io', 'docker-cli', 'containerd'],
    paths: ['/usr/sbin/dockerd', '/usr/bin/docker', `${wanted}/docker.service`],
  },
  { name: 'kubernetes-node', packages: ['containerd', 'kubernetes-client', 'conntrack'], paths: node },
  { name: 'kubernetes-master', packages: ['etcd-server', 'etcd-client'], paths: [...node, '/usr/bin/etcd'] },
];

const treefiles = fileURLToPath(new URL('../../treefiles', import.meta.url));
const work = join(cacheDirectory(), 'host-tests');
const events = new Events();
const warnings: string[] = [];
events.listen((event) => {
  if (event.type === 'warning') warnings.push(event.message);
});
const tools: WorkerTools = { events, signal: new AbortController().signal };

let rpms: string;
let folder: string;
let repo: string;

test.before('make the sample distribution with the packages of all hosts', async (t) => {
  t.timeout(1_200_000);
  await mkdir(work, { recursive: true });
  // A new repository each time: a commit that is there already would not be made.
  folder = await mkdtemp(join(work, 'composes-'));
  repo = join(folder, 'repo');
  ({ folder: rpms } = await makeSampleDistribution({ output: join(work, 'rpms'), allHosts: true }, tools));
  await writeFileAtomically(join(folder, 'sample.repo'), repoFile(rpms));
});

test.after.always('remove the repository', () => rm(folder, { recursive: true, force: true }));

for (const { name, packages, paths } of hosts) {
  test.serial(`treefiles/${name}.yaml composes on the sample distribution`, async (t) => {
    t.timeout(900_000);
    warnings.length = 0;
    const treefileFile = join(folder, `${name}.yaml`);
    await writeFileAtomically(
      treefileFile,
      `include: ${JSON.stringify(join(treefiles, `${name}.yaml`))}\nrepos: [sample]\n`,
    );
    const composed = await composeTree({ treefileFile, repo, cacheDir: cacheDirectory() }, tools);
    t.log(`${composed.packages} packages, ${composed.checksum}`, ...warnings);
    t.like(composed, { changed: true, previous: null });
    t.regex(composed.ref, new RegExp(`^slipway/[^/]+/${name}$`));
    const installed = new Set(composed.lock.packages.map((locked) => locked.name));
    t.deepEqual(
      packages.filter((wish) => !installed.has(wish)),
      [],
    );
    const modules = await list(composed.ref, '/usr/lib/modules');
    t.is(modules.length, 2, 'the folder itself and one kernel');
    const kernel = modules[1]!;
    // Fails, naming the path, when one is not there.
    await list(composed.ref, `${kernel}/vmlinuz`, `${kernel}/initramfs.img`, ...bootable, ...paths);
  });
}

test.serial('treefiles/container-host.yaml also composes on the older release, bookworm', async (t) => {
  t.timeout(1_200_000);
  const output = join(work, 'rpms-bookworm');
  const { folder: older } = await makeSampleDistribution({ output, suite: 'bookworm' }, tools);
  await writeFileAtomically(join(folder, 'older', 'sample.repo'), repoFile(older));
  const treefileFile = join(folder, 'older', 'host.yaml');
  // There, systemd has what is a package of its own in trixie.
  const differences =
    'releasever: "12"\nref: slipway/bookworm/container-host\nremove-inherited:\n  packages: [systemd-repart]\n';
  const include = JSON.stringify(join(treefiles, 'container-host.yaml'));
  await writeFileAtomically(treefileFile, `include: ${include}\nrepos: [sample]\n${differences}`);
  const composed = await composeTree({ treefileFile, repo, cacheDir: cacheDirectory() }, tools);
  t.log(`${composed.packages} packages, ${composed.checksum}`);
  await list(composed.ref, ...bootable, '/usr/bin/podman');
});

test.serial('the repository of all hosts is sound', async (t) => {
  t.timeout(600_000);
  const { stdout } = await run(['ostree', 'refs', `--repo=${repo}`]);
  t.is(stdout.trim().split('\n').length, hosts.length + 1);
  await run(['ostree', 'fsck', `--repo=${repo}`, '--quiet']);
});

/** The paths that `ostree ls` prints for paths of a commit. */
async function list(ref: string, ...paths: readonly string[]): Promise<string[]> {
  const { stdout } = await run(['ostree', 'ls', `--repo=${repo}`, ref, ...paths]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/^.*? (?=\/)/, '').replace(/ -> .*$/, ''));
}
