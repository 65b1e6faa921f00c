import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../../../lib/run.ts';
import { buildContainer, miniHost } from './mini-host.ts';

// crun refuses a machine that has both kinds of control groups mounted. The container gets none anyway, so root hides one kind from it.
const withoutSecondKind =
  process.getuid?.() === 0 && existsSync('/sys/fs/cgroup/unified')
    ? ['unshare', '--mount', 'sh', '-c', 'umount /sys/fs/cgroup/unified && exec "$@"', 'sh']
    : [];

/** podman with images and containers of its own in `folder`. */
function podmanArgv(folder: string, ...rest: string[]): string[] {
  const places = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--tmpdir', join(folder, 'tmp')];
  return [...withoutSecondKind, 'podman', ...places, '--storage-driver=vfs', '--cgroup-manager=cgroupfs', ...rest];
}

// Limits that every machine lets us set; no network and no control groups, which a container inside a container may not have.
const runOptions = [
  ...['--rm', '--network=none', '--cgroups=disabled', '--cgroupns=host'],
  ...['--ulimit=nofile=1024:1024', '--ulimit=nproc=1024:1024'],
];

const script = `
id -u
cat /etc/special.conf
busybox stat -c '%a %u:%g %h %n' /etc/special.conf /usr/bin/become /usr/share/one /usr/share/two /usr/share/copy
cat /usr/share/alpha
`;

test.serial('podman runs the image: files, owners, modes and hard links are those of the commit', async (t) => {
  const mini = await miniHost(t);
  const { outputDir, container } = await buildContainer(mini, { formats: ['oci-archive'] });
  const folder = join(mini.folder, 'podman');
  const image = `oci-archive:${outputDir}/image.oci.tar`;
  const { stdout } = await run(podmanArgv(folder, 'run', '--quiet', ...runOptions, image, 'sh', '-c', script));
  t.deepEqual(stdout.trim().split('\n'), [
    '0',
    'secret',
    '640 0:42 1 /etc/special.conf',
    '4755 0:0 1 /usr/bin/become',
    '644 0:0 2 /usr/share/one',
    '644 0:0 2 /usr/share/two',
    '644 0:0 1 /usr/share/copy',
    'alpha 1',
  ]);
  const listed = await run(
    podmanArgv(folder, 'images', '--digests', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}}'),
  );
  t.is(listed.stdout.trim(), `${container.name} ${container.manifest.digest}`);
});
