// The sample host, theme containers: podman with limits, as a unit, and without root. The image is made of the host's own busybox.

import type { Host } from '../../../qemu/host/testing.ts';
import { test } from '../support/sample-host.ts';

const image = 'localhost/busybox';
/** podman takes its time under TCG. */
const slow = { timeoutMs: 600_000 };

/** @param prefix runs podman as somebody else */
async function makeImage(host: Host, prefix: readonly string[] = []): Promise<void> {
  const script = [
    'mkdir --parents /var/tmp/root/bin',
    'cp /usr/bin/busybox /var/tmp/root/bin/busybox',
    'ln --symbolic busybox /var/tmp/root/bin/sh',
    'tar --create --file /var/tmp/root.tar --directory /var/tmp/root .',
  ];
  await host.run(['sh', '-c', script.join(' && ')]);
  await host.run([...prefix, 'podman', 'import', '--quiet', '/var/tmp/root.tar', image], slow);
}

test('containers: the host has cgroups v2 with the controllers that limits need', async (t) => {
  const { host } = t.context;
  await host.expect(['stat', '--file-system', '--format=%T', '/sys/fs/cgroup'], 'cgroup2fs');
  const controllers = (await host.run(['cat', '/sys/fs/cgroup/cgroup.controllers'])).stdout.trim().split(' ');
  for (const needed of ['cpu', 'io', 'memory', 'pids']) t.true(controllers.includes(needed), needed);
});

test('containers: podman confines memory and processes, and shows the container its own file system', async (t) => {
  const { host } = t.context;
  await makeImage(host);
  const inside = 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max; test ! -e /etc/ostree && echo apart';
  const limits = ['--memory=64m', '--memory-swap=64m', '--pids-limit=50', '--network=none'];
  await host.expect(
    [
      'podman',
      'run',
      '--rm',
      ...limits,
      image,
      '/bin/busybox',
      'sh',
      '-c',
      inside.replace(/\b(cat|test) /g, 'busybox $1 '),
    ],
    `${64 * 1024 * 1024}\n50\napart`,
    slow,
  );
  t.pass();
});

test('containers: a quadlet file becomes a unit that runs the container', async (t) => {
  const { host } = t.context;
  await makeImage(host);
  const unit = [
    '[Container]',
    `Image=${image}`,
    'Network=none',
    'Pull=never',
    'Exec=/bin/busybox sleep 1000',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  await host.run(['install', '-D', '--mode=644', '/dev/stdin', '/etc/containers/systemd/sleeper.container'], {
    input: `${unit.join('\n')}\n`,
  });
  await host.run(['systemctl', 'daemon-reload']);
  await host.run(['systemctl', 'start', 'sleeper.service'], slow);
  await host.expect(['podman', 'ps', '--format', '{{.Names}} {{.Image}}'], /^systemd-sleeper localhost\/busybox/, slow);
  await host.run(['systemctl', 'stop', 'sleeper.service'], slow);
  await host.expect(['podman', 'ps', '--all', '--quiet'], '', slow);
  t.pass();
});

test('containers: an ordinary user runs one, as root inside and as the user outside, with ids of its own for others', async (t) => {
  const { host } = t.context;
  await host.run(['useradd', '--create-home', '--shell', '/bin/bash', 'worker']);
  await host.run(['loginctl', 'enable-linger', 'worker']);
  const uid = (await host.run(['id', '--user', 'worker'])).stdout.trim();
  await host.run(['sh', '-c', `until systemctl --quiet is-active user@${uid}.service; do sleep 0.2; done`]);
  const asWorker = [
    ...['runuser', '--user', 'worker', '--', 'env', '--chdir=/var/home/worker', 'HOME=/var/home/worker'],
    ...[`XDG_RUNTIME_DIR=/run/user/${uid}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/${uid}/bus`],
  ];
  await makeImage(host, asWorker);
  const inside = 'busybox id -u; busybox cat /proc/self/uid_map';
  const podmanRun = [...asWorker, 'podman', 'run', '--rm', '--network=none'];
  const { stdout } = await host.run([...podmanRun, image, '/bin/busybox', 'sh', '-c', inside], slow);
  const [id, ...map] = stdout.trim().split('\n');
  t.is(id, '0');
  t.deepEqual(
    map.map((line) => line.trim().split(/\s+/)),
    [
      ['0', uid, '1'],
      ['1', '100000', '65536'],
    ],
  );
  await host.expect([...podmanRun, '--user=1000:1000', image, '/bin/busybox', 'id', '-u'], '1000', slow);
});
