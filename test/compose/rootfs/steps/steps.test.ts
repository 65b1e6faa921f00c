import { linkSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { EnginePackage } from '../../../../compose/packages/package.ts';
import { parseAccounts } from '../../../../compose/rootfs/accounts.ts';
import { hasAltfiles, splitAccounts } from '../../../../compose/rootfs/steps/accounts-split.ts';
import { addFiles } from '../../../../compose/rootfs/steps/add-files.ts';
import { setDefaultTarget } from '../../../../compose/rootfs/steps/default-target.ts';
import { moveEtc } from '../../../../compose/rootfs/steps/etc.ts';
import { placeKernel } from '../../../../compose/rootfs/steps/kernel.ts';
import { removeLeftovers } from '../../../../compose/rootfs/steps/leftovers.ts';
import { resetMachineId } from '../../../../compose/rootfs/steps/machine-id.ts';
import { mutateOsRelease } from '../../../../compose/rootfs/steps/os-release.ts';
import { removeFiles, removeFromPackages } from '../../../../compose/rootfs/steps/remove-files.ts';
import { placeRpmDatabase } from '../../../../compose/rootfs/steps/rpm-database.ts';
import { seedAccounts } from '../../../../compose/rootfs/steps/seed-accounts.ts';
import { normaliseShadow } from '../../../../compose/rootfs/steps/shadow.ts';
import { enableTmpMount } from '../../../../compose/rootfs/steps/tmp-mount.ts';
import { arrangeTopLevel, topLevelLinkLines, topLevelTmpfiles } from '../../../../compose/rootfs/steps/top-level.ts';
import { declareLinks, emptyVar } from '../../../../compose/rootfs/steps/var.ts';
import { Events } from '../../../../lib/events.ts';
import { tree } from '../../../support/temporary.ts';
import { differenceOf } from './tree-difference.ts';

const nothing = { added: [], removed: [], changed: [] };

test('moveEtc() moves /etc to /usr/etc and refuses a packaged /usr/etc', async (t) => {
  const root = await tree(t, { 'etc/hosts': 'x', 'usr/bin/a': '' });
  t.deepEqual(await differenceOf(root, () => moveEtc(root)), {
    added: ['usr/etc', 'usr/etc/hosts'],
    removed: ['etc', 'etc/hosts'],
    changed: [],
  });
  mkdirSync(join(root, 'etc'));
  t.throws(() => moveEtc(root), { message: 'a package brings files below /usr/etc, which belongs to OSTree' });
});

test('resetMachineId() leaves an empty file, or none', async (t) => {
  const root = await tree(t, { 'etc/machine-id': '8b9a\n' });
  t.deepEqual(await differenceOf(root, () => resetMachineId(root, true)), { ...nothing, changed: ['etc/machine-id'] });
  t.is(readFileSync(join(root, 'etc/machine-id'), 'utf8'), '');
  t.deepEqual(await differenceOf(root, () => resetMachineId(root, false)), { ...nothing, removed: ['etc/machine-id'] });
});

test('setDefaultTarget() links the target, and refuses one that is not there', async (t) => {
  const root = await tree(t, { 'usr/lib/systemd/system/multi-user.target': '', 'etc/fstab': '' });
  const difference = await differenceOf(root, () => setDefaultTarget(root, 'multi-user.target'));
  t.deepEqual(difference.added, ['etc/systemd', 'etc/systemd/system', 'etc/systemd/system/default.target']);
  t.is(readlinkSync(join(root, 'etc/systemd/system/default.target')), '/usr/lib/systemd/system/multi-user.target');
  t.throws(() => setDefaultTarget(root, 'graphical.target'), {
    message: 'default-target names graphical.target, which no package brings',
  });
});

test('mutateOsRelease() puts the commit version into VERSION, PRETTY_NAME and OSTREE_VERSION alone', async (t) => {
  const root = await tree(t, {
    'usr/lib/os-release': 'NAME=Mini\nVERSION="13 (x)"\nVERSION_ID=13\nPRETTY_NAME="Mini 13"\n',
  });
  const difference = await differenceOf(root, () => mutateOsRelease(root, '13', '13.4'));
  t.deepEqual(difference, { ...nothing, changed: ['usr/lib/os-release'] });
  t.is(
    readFileSync(join(root, 'usr/lib/os-release'), 'utf8'),
    'NAME=Mini\nVERSION="13.4 (x)"\nVERSION_ID=13\nPRETTY_NAME="Mini 13.4"\nOSTREE_VERSION=\'13.4\'\n',
  );
});

test('removeFiles() removes files and folders under both names of /etc, and warns of what is not there', async (t) => {
  const root = await tree(t, { 'etc/a/b': '', 'usr/share/doc/x': '', 'usr/share/keep': '' });
  const events = new Events();
  const warnings: string[] = [];
  events.listen((event) => event.type === 'warning' && warnings.push(event.message));
  const difference = await differenceOf(root, () =>
    removeFiles(root, ['usr/etc/a', 'usr/share/doc', 'opt/none'], events),
  );
  t.deepEqual(difference, { ...nothing, removed: ['etc/a', 'etc/a/b', 'usr/share/doc', 'usr/share/doc/x'] });
  t.deepEqual(warnings, ['remove-files names /opt/none, which is not in the tree']);
});

test('removeFromPackages() removes what matches in the named package only', async (t) => {
  const root = await tree(t, { 'usr/bin/a-tool': '', 'usr/bin/b-tool': '', 'usr/bin/a-keep': '' });
  const file = (path: string): EnginePackage['files'][number] => ({
    ...{ path, mode: 0o100_755, user: 'root', group: 'root', size: 0, digest: '', linkTarget: '' },
    ...{ capabilities: '', flags: 0, languages: '' },
  });
  const packages = [
    { name: 'a', files: [file('/bin/a-tool'), file('/usr/bin/a-keep')] },
    { name: 'b', files: [file('/usr/bin/b-tool')] },
  ] as unknown as EnginePackage[];
  const requests = [{ package: 'a', patterns: ['/bin/.*-tool', '/bin/a-ke', 'keep'] }];
  t.deepEqual(await differenceOf(root, () => removeFromPackages(root, requests, packages)), {
    ...nothing,
    removed: ['usr/bin/a-tool'],
  });
  t.throws(() => removeFromPackages(root, [{ package: 'c', patterns: [] }], packages), {
    message: 'remove-from-packages names c, which is not in the tree',
  });
});

test('addFiles() makes empty directories, and leaves one alone that is there', async (t) => {
  const source = await tree(t, {});
  const root = await tree(t, { 'usr/keep/file': '', 'usr/plain': '' });
  const to = (destination: string) => ({ source, destination });
  const difference = await differenceOf(root, () =>
    addFiles(root, [to('usr/keep'), to('usr/new/empty'), to('usr/plain')]),
  );
  t.deepEqual(difference, { added: ['usr/new', 'usr/new/empty'], removed: [], changed: ['usr/plain'] });
  t.is(statSync(join(root, 'usr/new/empty')).mode & 0o7777, 0o755);
});

test('addFiles() copies content, keeps only "executable" of the mode, and replaces what was there', async (t) => {
  const source = await tree(t, { motd: 'hi', tool: '#!/bin/sh\n' });
  await chmod(join(source, 'motd'), 0o660);
  await chmod(join(source, 'tool'), 0o770);
  symlinkSync('motd', join(source, 'link'));
  const root = await tree(t, { 'etc/motd': 'old', 'usr/keep': '' });
  const difference = await differenceOf(root, () =>
    addFiles(root, [
      { source: join(source, 'motd'), destination: 'usr/etc/motd' },
      { source: join(source, 'tool'), destination: 'usr/libexec/tool' },
      { source: join(source, 'link'), destination: 'usr/share/link' },
    ]),
  );
  t.deepEqual(difference, {
    added: ['usr/libexec', 'usr/libexec/tool', 'usr/share', 'usr/share/link'],
    removed: [],
    changed: ['etc/motd'],
  });
  t.is(statSync(join(root, 'etc/motd')).mode & 0o777, 0o644);
  t.is(statSync(join(root, 'usr/libexec/tool')).mode & 0o777, 0o755);
  t.is(readlinkSync(join(root, 'usr/share/link')), 'motd');
});

test('placeKernel() finds the one kernel, brings it from /boot, and refuses two', async (t) => {
  const root = await tree(t, {
    'boot/vmlinuz-6.1': 'kernel',
    'usr/lib/modules/6.1/modules.dep': '',
    'usr/lib/modules/5/x': '',
  });
  const difference = await differenceOf(root, () => t.is(placeKernel(root), '6.1'));
  t.deepEqual(difference, { ...nothing, added: ['usr/lib/modules/6.1/vmlinuz'] });
  t.is(placeKernel(await tree(t, { 'usr/bin/a': '' })), null);
  const two = await tree(t, { 'usr/lib/modules/6.1/vmlinuz': '', 'usr/lib/modules/6.2/vmlinuz': '' });
  t.throws(() => placeKernel(two), { message: 'the tree has 2 kernels: 6.1, 6.2' });
});

test('removeLeftovers() removes backups, locks and host keys and nothing else', async (t) => {
  const root = await tree(t, {
    'etc/passwd': '',
    'etc/passwd-': '',
    'etc/.pwd.lock': '',
    'etc/ssh/sshd_config': '',
    'etc/ssh/ssh_host_rsa_key': '',
    'etc/ssh/ssh_host_rsa_key.pub': '',
    'usr/.updated': '',
  });
  t.deepEqual(await differenceOf(root, () => removeLeftovers(root)), {
    ...nothing,
    removed: [
      'etc/.pwd.lock',
      'etc/passwd-',
      'etc/ssh/ssh_host_rsa_key',
      'etc/ssh/ssh_host_rsa_key.pub',
      'usr/.updated',
    ],
  });
});

test('emptyVar() turns directories and links into tmpfiles lines that no package has, and names dropped files', async (t) => {
  const root = await tree(t, {
    'var/lib/known/x/data': '',
    'var/log/a b/y': '',
    'usr/lib/tmpfiles.d/known.conf': 'd /var/lib/known 0700 root root -\n# d /var/log 0755\n',
  });
  mkdirSync(join(root, 'var/home'), { mode: 0o700 });
  symlinkSync('../run', join(root, 'var/run'));
  symlinkSync('spool/mail', join(root, 'var/mail'));
  let dropped: string[] = [];
  const difference = await differenceOf(root, () => {
    dropped = emptyVar(root, ['d /var/home 0755 0 0 - -']);
  });
  t.deepEqual(difference.added, ['usr/lib/tmpfiles.d/slipway-var.conf']);
  t.true(difference.removed.every((path) => path.startsWith('var/')));
  t.deepEqual(dropped, ['/var/lib/known/x/data', '/var/log/a b/y']);
  const owner = statSync(root);
  const ids = `${owner.uid} ${owner.gid}`;
  t.deepEqual(readFileSync(join(root, 'usr/lib/tmpfiles.d/slipway-var.conf'), 'utf8').trim().split('\n'), [
    'L /var/mail - - - - spool/mail',
    'd /var/home 0755 0 0 - -',
    `d /var/lib 0755 ${ids} - -`,
    `d /var/lib/known/x 0755 ${ids} - -`,
    `d /var/log 0755 ${ids} - -`,
    `d /var/log/a\\x20b 0755 ${ids} - -`,
  ]);
});

test('declareLinks() says before the fragments of packages which of their folders are links, and where those lead', async (t) => {
  const root = await tree(t, {
    'usr/lib/tmpfiles.d/home.conf': 'Q /home 0755 - - -\n',
    'usr/lib/tmpfiles.d/provision.conf': 'd- /root :0700 root :root -\nd- /root/.ssh :0700 root :root -\n',
  });
  const lines = topLevelLinkLines({ tmpIsDir: true, optUsrlocal: 'var' });
  t.deepEqual(lines['/usr/local'], ['d /var/usrlocal 0755 0 0 - -', 'L /usr/local - - - - ../var/usrlocal']);
  const { added, changed } = await differenceOf(root, () => declareLinks(root, lines));
  t.deepEqual([added, changed], [['usr/lib/tmpfiles.d/00-slipway-links.conf'], []]);
  t.deepEqual(readFileSync(join(root, added[0]!), 'utf8').trim().split('\n'), [
    'd /var/home 0755 0 0 - -',
    'L /home - - - - var/home',
    'd /var/roothome 0700 0 0 - -',
    'L /root - - - - var/roothome',
  ]);
});

test('declareLinks() writes nothing where no package asks for a folder', async (t) => {
  const root = await tree(t, { 'usr/lib/tmpfiles.d/x.conf': 'd /var/lib/x\n' });
  const write = (): void => declareLinks(root, topLevelLinkLines({ tmpIsDir: true, optUsrlocal: 'var' }));
  t.deepEqual(await differenceOf(root, write), nothing);
});

test('arrangeTopLevel() makes the links and mount points of an OSTree host', async (t) => {
  const root = await tree(t, {
    'boot/grub/x': '',
    'opt/app/data': '',
    'usr/local/bin/tool': '',
    'tmp/x': '',
    'usr/bin/a': '',
  });
  let dropped: string[] = [];
  const difference = await differenceOf(root, () => {
    dropped = arrangeTopLevel(root, { tmpIsDir: true, optUsrlocal: 'var' });
  });
  t.deepEqual(dropped, ['/opt/app/data', '/usr/local/bin/tool']);
  t.deepEqual(difference, {
    added: ['dev', 'home', 'media', 'mnt', 'ostree', 'proc', 'root', 'run', 'srv', 'sys', 'sysroot'],
    removed: ['boot/grub', 'boot/grub/x', 'opt/app', 'opt/app/data', 'tmp/x', 'usr/local/bin', 'usr/local/bin/tool'],
    changed: ['opt', 'tmp', 'usr/local'],
  });
  t.is(readlinkSync(join(root, 'usr/local')), '../var/usrlocal');
  t.is(statSync(join(root, 'tmp')).mode & 0o7777, 0o1777);
});

test('arrangeTopLevel() keeps /opt and /usr/local in the tree, and links /tmp, where the treefile says so', async (t) => {
  const root = await tree(t, { 'opt/app/data': '', 'usr/local/bin/tool': '' });
  const options = { tmpIsDir: false, optUsrlocal: 'root' } as const;
  t.deepEqual(arrangeTopLevel(root, options), []);
  t.is(readFileSync(join(root, 'opt/app/data'), 'utf8'), '');
  t.is(readlinkSync(join(root, 'tmp')), 'sysroot/tmp');
  t.false(topLevelTmpfiles(options).some((line) => line.includes('usrlocal')));
});

test('enableTmpMount() hooks tmp.mount into local-fs.target where it exists', async (t) => {
  const root = await tree(t, { 'usr/lib/systemd/system/tmp.mount': '' });
  const wants = 'usr/lib/systemd/system/local-fs.target.wants';
  t.deepEqual((await differenceOf(root, () => enableTmpMount(root))).added, [wants, `${wants}/tmp.mount`]);
  t.deepEqual(await differenceOf(root, () => enableTmpMount(root)), nothing);
  const without = await tree(t, { 'usr/bin/a': '' });
  t.deepEqual(await differenceOf(without, () => enableTmpMount(without)), nothing);
});

test('splitAccounts() moves all but root to /usr/lib and keeps shared groups in both', async (t) => {
  const root = await tree(t, {
    'etc/passwd': 'root:x:0:0::/root:/bin/sh\ndaemon:x:2:2::/:/bin/false\n',
    'etc/group': 'root:x:0:\ndaemon:x:2:\nwheel:x:10:\n',
    'etc/nsswitch.conf': 'passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\nhosts: files dns\n',
    'usr/lib/libnss_altfiles.so.2': '',
  });
  t.true(hasAltfiles(root));
  t.deepEqual(await differenceOf(root, () => splitAccounts(root, ['wheel'])), {
    added: ['usr/lib/group', 'usr/lib/passwd'],
    removed: [],
    changed: ['etc/group', 'etc/nsswitch.conf', 'etc/passwd'],
  });
  const content = (path: string): string => readFileSync(join(root, path), 'utf8');
  t.is(content('etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
  t.is(content('usr/lib/passwd'), 'daemon:x:2:2::/:/bin/false\n');
  t.is(content('etc/group'), 'root:x:0:\nwheel:x:10:\n');
  t.is(content('usr/lib/group'), 'daemon:x:2:\nwheel:x:10:\n');
  t.is(
    content('etc/nsswitch.conf'),
    'passwd: files altfiles systemd\ngroup: files altfiles [SUCCESS=merge] systemd\nhosts: files dns\n',
  );
});

test('seedAccounts() adds accounts of the previous commit behind the packaged ones', async (t) => {
  const root = await tree(t, { 'etc/passwd': 'root:x:0:0::/root:/bin/sh\n', 'etc/group': 'root:x:0:\n' });
  const previous = {
    passwd: parseAccounts('root:x:0:0:old:/root:/bin/sh\napp:x:990:990::/:/bin/false\n'),
    group: parseAccounts('root:x:0:\n'),
    shadow: parseAccounts('app:!:::::::\n'),
  };
  t.deepEqual(await differenceOf(root, () => seedAccounts(root, previous)), { ...nothing, changed: ['etc/passwd'] });
  t.is(readFileSync(join(root, 'etc/passwd'), 'utf8'), 'root:x:0:0::/root:/bin/sh\napp:x:990:990::/:/bin/false\n');
});

test('normaliseShadow() takes the day out of locked accounts only', async (t) => {
  const root = await tree(t, { 'etc/shadow': 'root:$6$x:19000:0:::::\napp:!*:20000::::::\nold:*:20000:0:9:7:::\n' });
  t.deepEqual(await differenceOf(root, () => normaliseShadow(root)), { ...nothing, changed: ['etc/shadow'] });
  t.is(readFileSync(join(root, 'etc/shadow'), 'utf8'), 'root:$6$x:19000:0:::::\napp:!*:::::::\nold:*::0:9:7:::\n');
});

test('placeRpmDatabase() puts the file at /usr/share/rpm and tells an rpm of the tree', async (t) => {
  const root = await tree(t, { 'usr/lib/rpm/macros': '', 'usr/lib/sysimage/rpm/old': '', 'db/rpmdb.sqlite': 'db' });
  const difference = await differenceOf(root, () => placeRpmDatabase(root, join(root, 'db/rpmdb.sqlite')));
  t.deepEqual(difference, {
    added: [
      'usr/lib/rpm/macros.d',
      'usr/lib/rpm/macros.d/macros.slipway',
      'usr/share',
      'usr/share/rpm',
      'usr/share/rpm/rpmdb.sqlite',
    ],
    removed: ['db/rpmdb.sqlite', 'usr/lib/sysimage/rpm/old'],
    changed: ['usr/lib/sysimage/rpm'],
  });
  t.is(readFileSync(join(root, 'usr/lib/sysimage/rpm/rpmdb.sqlite'), 'utf8'), 'db');
});

for (const link of [linkSync, symlinkSync]) {
  test(`placeRpmDatabase() writes its macros into no cached file that is there by ${link.name}`, async (t) => {
    const root = await tree(t, { 'usr/lib/rpm/macros.d/x': '', 'db/rpmdb.sqlite': 'db', cached: 'content' });
    const macros = join(root, 'usr/lib/rpm/macros.d/macros.slipway');
    link(join(root, 'cached'), macros);
    placeRpmDatabase(root, join(root, 'db/rpmdb.sqlite'));
    t.is(readFileSync(join(root, 'cached'), 'utf8'), 'content');
    t.is(readFileSync(macros, 'utf8'), '%_dbpath /usr/share/rpm\n');
  });
}
