import { symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parseListing } from '../../../compose/repository/tree-listing.ts';
import { brokenContainerRules } from '../../../images/oci/container-rules.ts';
import { readTarIndex } from '../../../images/oci/gnu-tar.ts';
import { parseOwners, queryArgv } from '../../../images/oci/owners.ts';
import { containerEntries } from '../../../images/oci/tree.ts';
import { run } from '../../../lib/run.ts';
import { tree } from '../../support/temporary.ts';

const longName = `${'folder/'.repeat(20)}file`;

test('readTarIndex() finds every entry of a GNU archive, long names and links too', async (t) => {
  const folder = await tree(t, { 'tree/a': 'first', [`tree/${longName}`]: 'second' });
  await symlink(longName, join(folder, 'tree/link'));
  const archive = join(folder, 'x.tar');
  const owner = ['--owner=:5', '--group=:4000000', '--numeric-owner', '--mode=4751'];
  await run(['tar', '--format=gnu', ...owner, '-C', join(folder, 'tree'), '-cf', archive, '.']);
  const index = await readTarIndex(archive);
  t.true(index.some((entry) => entry.path === '' && entry.type === 'directory'));
  t.like(
    index.find((entry) => entry.path === 'a'),
    { type: 'file', mode: 0o4751, uid: 5, gid: 4_000_000, size: 5 },
  );
  t.like(
    index.find((entry) => entry.path === 'link'),
    { type: 'symlink', target: longName, size: 0 },
  );
  const far = index.find((entry) => entry.path === longName)!;
  const { stdout } = await run(['tail', '-c', `+${far.offset + 1}`, archive]);
  t.is(stdout.slice(0, far.size), 'second');
});

test('readTarIndex() says so when an archive is cut or holds what a commit cannot hold', async (t) => {
  const folder = await tree(t, { a: 'x'.repeat(3000) });
  const archive = join(folder, 'x.tar');
  await run(['tar', '-C', folder, '-cf', archive, 'a']);
  await truncate(archive, 3584);
  t.regex((await t.throwsAsync(readTarIndex(archive))).message, /x\.tar ends after 3584 bytes, inside an entry/);
  await run(['mkfifo', join(folder, 'pipe')]);
  await run(['tar', '-C', folder, '-cf', archive, 'pipe']);
  t.regex((await t.throwsAsync(readTarIndex(archive))).message, /holds an entry of type "6"/);
  await writeFile(archive, '');
  t.regex((await t.throwsAsync(readTarIndex(archive))).message, /ends after 0 bytes/);
});

test('containerEntries() brings /usr/etc back to /etc, drops SELinux labels and sorts folders before what they hold', (t) => {
  const object = 'f'.repeat(64);
  const paths = ['', 'usr', 'usr/etc', 'usr/etc-x', 'usr/etc/passwd', 'bin'];
  const exported = paths.map((path) => ({
    ...{ path, type: 'file' as const, mode: 0o644, uid: 0, gid: 0, target: '', offset: 0, size: 0 },
  }));
  const attributes = `[(b'security.selinux', b'system_u:object_r'), (b'user.x', [byte 0x01])]`;
  const lines = paths.map((path) => `-00644 0 0      0 ${object} { ${attributes} } /${path}\n`);
  const listed = parseListing(
    lines.join(''),
    paths.map((path) => `/${path}`),
  );
  const entries = containerEntries(exported, listed);
  t.deepEqual(
    entries.map((entry) => entry.path),
    ['bin', 'etc', 'etc/passwd', 'usr', 'usr/etc-x'],
  );
  t.deepEqual([...entries[0]!.xattrs], [['user.x', Buffer.of(1)]]);
  t.is(entries[0]!.object, object);
});

test('parseOwners() takes the source package, follows merged folders and finds hard links', (t) => {
  const owners = parseOwners(
    [
      'libsystemd0\tsystemd-257-1~deb13u1.src.rpm\t1\t7\t/lib/x86/libsystemd.so.0',
      'systemd\tsystemd-257-1~deb13u1.src.rpm\t1\t1\t/usr/bin/systemctl',
      'linux\tlinux-signed-6.12-1.src.rpm\t1\t2\t/boot/vmlinuz-6.12',
      'tool\ttool-1-1.src.rpm\t1\t1\t/opt/tool/x',
      'odd\t(none)\t1\t1\t/usr/share/a',
      'odd\t(none)\t1\t1\t/usr/share/b',
      'zoo\tzoo-1-1.src.rpm\t1\t1\t/usr/share/shared',
      'ant\tant-1-1.src.rpm\t1\t1\t/usr/share/shared',
      '',
    ].join('\n'),
  );
  t.deepEqual(
    [...owners].map(([path, owner]) => [path, owner.component]),
    [
      ['usr/lib/x86/libsystemd.so.0', 'systemd'],
      ['usr/bin/systemctl', 'systemd'],
      ['usr/lib/modules/6.12/vmlinuz', 'linux-signed'],
      ['opt/tool/x', 'tool'],
      ['usr/lib/opt/tool/x', 'tool'],
      ['usr/share/a', 'odd'],
      ['usr/share/b', 'odd'],
      ['usr/share/shared', 'ant'],
    ],
  );
  t.is(owners.get('usr/share/a')?.linkGroup, owners.get('usr/share/b')?.linkGroup);
});

test('queryArgv() names the database and its form, so that the configuration of the machine has no say', (t) => {
  t.deepEqual(queryArgv('/db').slice(0, 6), ['rpm', '--dbpath', '/db', '--define', '_db_backend sqlite', '-qa']);
});

for (const [path, sentence] of [
  ['boot/vmlinuz', '/boot must be empty and holds boot/vmlinuz; bootc takes the kernel from /usr/lib/modules'],
  ['run/x', '/run must be empty and holds run/x; it is hidden on a booted host'],
  ['tmp/x', '/tmp must be empty and holds tmp/x; it is hidden on a booted host'],
  ['var/lib/x', '/var should be empty and holds var/lib/x; updates never reach it, so use tmpfiles.d'],
] as const) {
  test(`brokenContainerRules() says "${sentence}"`, (t) => {
    const good = ['sysroot', 'ostree', 'boot', 'var'].map((name) => ({ path: name, type: 'directory' }) as const);
    t.deepEqual(brokenContainerRules(good), []);
    t.deepEqual(brokenContainerRules([...good, { path, type: 'file' }]), [sentence]);
    t.deepEqual(brokenContainerRules(good.slice(1)), [
      '/sysroot is missing; an OSTree host needs it as a mount point or link',
    ]);
  });
}
