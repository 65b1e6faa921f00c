// The sample host, theme files and permissions: what gives rights away, what can be written, and that nothing points nowhere.

import type { Host } from '../../../qemu/host/testing.ts';
import { test } from '../support/sample-host.ts';

async function found(host: Host, ...argv: string[]): Promise<string[]> {
  const { stdout } = await host.run(['find', ...argv]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

test('files: only these programs run with the rights of their owner', async (t) => {
  t.deepEqual(await found(t.context.host, '/usr', '-xdev', '-type', 'f', '-perm', '-4000', '-printf', '%u %p\\n'), [
    'root /usr/bin/chfn',
    'root /usr/bin/chsh',
    'root /usr/bin/fusermount3',
    'root /usr/bin/gpasswd',
    'root /usr/bin/mount',
    'root /usr/bin/newgidmap',
    'root /usr/bin/newgrp',
    'root /usr/bin/newuidmap',
    'root /usr/bin/passwd',
    'root /usr/bin/su',
    'root /usr/bin/sudo',
    'root /usr/bin/umount',
    'root /usr/lib/dbus-1.0/dbus-daemon-launch-helper',
    'root /usr/lib/openssh/ssh-keysign',
  ]);
});

test('files: only these programs run with the rights of their group', async (t) => {
  t.deepEqual(await found(t.context.host, '/usr', '-xdev', '-type', 'f', '-perm', '-2000', '-printf', '%g %p\\n'), [
    '_ssh /usr/bin/ssh-agent',
    'shadow /usr/bin/chage',
    'shadow /usr/bin/expiry',
    'shadow /usr/sbin/unix_chkpwd',
  ]);
});

test('files: nothing in /etc can be written by everybody, and secrets are read by few', async (t) => {
  const { host } = t.context;
  t.deepEqual(await found(host, '/etc', '-xdev', '!', '-type', 'l', '-perm', '-0002'), []);
  const secrets = ['/etc/shadow', '/etc/gshadow', '/etc/sudoers', '/etc/ssh/ssh_host_ed25519_key'];
  const { stdout } = await host.run(['stat', '--format=%a %U:%G %n', ...secrets]);
  t.deepEqual(stdout.trim().split('\n'), [
    '640 root:shadow /etc/shadow',
    '640 root:shadow /etc/gshadow',
    '440 root:root /etc/sudoers',
    '600 root:root /etc/ssh/ssh_host_ed25519_key',
  ]);
});

test('files: every file belongs to a user and a group that exist', async (t) => {
  const { host } = t.context;
  t.deepEqual(await found(host, '/usr', '/etc', '/var', '-xdev', '(', '-nouser', '-o', '-nogroup', ')'), []);
});

test('files: no link in /etc points nowhere but those to what an installer would write', async (t) => {
  t.deepEqual(await found(t.context.host, '/etc', '-xdev', '-xtype', 'l', '-printf', '%p -> %l\n'), [
    '/etc/modules-load.d/modules.conf -> ../modules',
    '/etc/vconsole.conf -> default/keyboard',
  ]);
});

test('files: /, /usr and /sysroot cannot be written to, /etc and /var can', async (t) => {
  const { host } = t.context;
  for (const folder of ['/usr', '/usr/bin', '/sysroot', '/sysroot/ostree/repo']) {
    const { exitCode, stderr } = await host.run(['touch', `${folder}/new`], { okExitCodes: [0, 1] });
    t.is(exitCode, 1, folder);
    t.regex(stderr, /Read-only file system/);
  }
  const changes = [
    ['touch', '/new'],
    ['mkdir', '/new'],
    ['mv', '/usr', '/old'],
    ['rm', '/home'],
  ];
  for (const argv of changes) {
    const { stderr } = await host.run(argv, { okExitCodes: [1] });
    t.regex(stderr, /Operation not permitted|Device or resource busy/, argv.join(' '));
  }
  for (const folder of ['/etc', '/var', '/var/lib', '/root', '/home', '/opt', '/srv']) {
    await host.run(['touch', `${folder}/new`]);
  }
});

test('files: folders for everybody are sticky, and the one of root is closed', async (t) => {
  const folders = ['/tmp', '/var/tmp', '/var/roothome'];
  const { stdout } = await t.context.host.run(['stat', '--format=%a %U %n', ...folders]);
  t.deepEqual(stdout.trim().split('\n'), ['1777 root /tmp', '1777 root /var/tmp', '700 root /var/roothome']);
});

test('files: the repository on the host is whole', async (t) => {
  const { host } = t.context;
  await host.run(['ostree', 'fsck', '--quiet'], { timeoutMs: 900_000 });
  const origin = (await host.run(['ostree', 'admin', 'status'])).stdout;
  t.regex(origin, /origin refspec: /);
});
