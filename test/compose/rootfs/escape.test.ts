// Packages and scripts that leave links to the build machine in the tree: nothing outside of the tree may be read or written.

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { splitAccounts } from '../../../compose/rootfs/steps/accounts-split.ts';
import { addFiles } from '../../../compose/rootfs/steps/add-files.ts';
import { setDefaultTarget } from '../../../compose/rootfs/steps/default-target.ts';
import { placeKernel } from '../../../compose/rootfs/steps/kernel.ts';
import { removeLeftovers } from '../../../compose/rootfs/steps/leftovers.ts';
import { shipLock } from '../../../compose/rootfs/steps/lock-json.ts';
import { resetMachineId } from '../../../compose/rootfs/steps/machine-id.ts';
import { moveOpt } from '../../../compose/rootfs/steps/opt.ts';
import { mutateOsRelease } from '../../../compose/rootfs/steps/os-release.ts';
import { removeFiles } from '../../../compose/rootfs/steps/remove-files.ts';
import { placeRpmDatabase } from '../../../compose/rootfs/steps/rpm-database.ts';
import { seedAccounts } from '../../../compose/rootfs/steps/seed-accounts.ts';
import { moveSelinuxStore } from '../../../compose/rootfs/steps/selinux-store.ts';
import { normaliseShadow } from '../../../compose/rootfs/steps/shadow.ts';
import { enableTmpMount } from '../../../compose/rootfs/steps/tmp-mount.ts';
import { shipTreefile } from '../../../compose/rootfs/steps/treefile-json.ts';
import { emptyVar } from '../../../compose/rootfs/steps/var.ts';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { temporaryFolder, tree } from '../../support/temporary.ts';
import { fileIn, listing, type MiniPackage, miniDistribution } from '../mini-distribution.ts';
import { testContext } from '../tiny-repo.ts';

/** As any of the steps would rewrite it. */
const hostText = 'root:*:19000:0:99999:7:::\npasswd: files\nVERSION=1\n';
const nsswitch = 'passwd: files\n';

/** A folder of the build machine with files that everybody could write, and what it looks like. */
async function hostFolder(t: ExecutionContext): Promise<{ path: string; assertUntouched(): void }> {
  const path = realpathSync(await temporaryFolder(t));
  const names = ['victim', 'shadow', 'nsswitch.conf', 'passwd', 'passwd-', 'os-release', 'sub'];
  mkdirSync(join(path, 'sub'), { mode: 0o755 });
  for (const name of names.slice(0, -1)) writeFileSync(join(path, name), hostText, { mode: 0o644 });
  const look = (): string[] =>
    names.map((name) => {
      const { mode, uid, gid, mtimeMs } = lstatSync(join(path, name));
      return `${name} ${mode} ${uid} ${gid} ${mtimeMs}`;
    });
  const before = look();
  return {
    path,
    assertUntouched() {
      t.deepEqual(look(), before);
      t.deepEqual(readdirSync(path).sort(), [...names].sort());
      t.deepEqual(readdirSync(join(path, 'sub')), []);
      for (const name of names.slice(0, -1)) t.is(readFileSync(join(path, name), 'utf8'), hostText);
    },
  };
}

for (const climb of ['', '../../../../../../../../../../../..']) {
  test(`a packaged link out of the tree (${climb === '' ? 'absolute' : 'relative'}) takes no files of another package with it`, async (t) => {
    const host = await hostFolder(t);
    const target = `${climb}${host.path}`;
    const mini = await miniDistribution(t, [
      { name: 'links', files: [{ type: 'symlink', path: '/usr/share/l', target }] },
      { name: 'plants', files: [{ type: 'file', path: '/usr/share/l/planted', content: 'x' }] },
    ]);
    const error = await t.throwsAsync(mini.compose(), { instanceOf: UserError });
    t.is(error?.code, 'path-through-link');
    t.is(
      error?.message,
      `plants-1-1.noarch brings /usr/share/l/planted, but links-1-1.noarch brings /usr/share/l as a link to ${target}, which leads out of the tree`,
    );
    host.assertUntouched();
  });
}

test('files below a packaged link that stays inside land behind it, whichever package comes first', async (t) => {
  const link: MiniPackage = {
    name: 'm-link',
    files: [{ type: 'symlink', path: '/usr/share/l', target: '../lib/new' }],
  };
  const tool = (name: string): MiniPackage => ({
    name,
    files: [{ type: 'file', path: `/usr/share/l/${name}`, content: name, group: 'daemon' }],
  });
  const mini = await miniDistribution(t, [link, tool('a'), tool('z')]);
  const lines = (await listing(await mini.compose())).filter((line) => / \/usr\/(share\/l|lib\/new)/.test(line));
  t.deepEqual(lines.sort(), [
    '- 00644 0 2 /usr/lib/new/a',
    '- 00644 0 2 /usr/lib/new/z',
    'd 00755 0 0 /usr/lib/new',
    'l 00777 0 0 /usr/share/l -> ../lib/new',
  ]);
  await mini.publish([
    link,
    tool('a'),
    { ...tool('a'), name: 'b', files: [{ type: 'file', path: '/usr/lib/new/a', content: 'b' }] },
  ]);
  await mini.treefile({});
  await t.throwsAsync(mini.compose(), {
    message: 'a-1-1.noarch and b-1-1.noarch both bring /usr/lib/new/a, with different content',
  });
});

test('a scriptlet that puts a link in place of a folder gives no host file an owner or mode', async (t) => {
  const host = await hostFolder(t);
  const mini = await miniDistribution(t, [
    {
      name: 'owner',
      files: [{ type: 'file', path: '/usr/share/d/victim', mode: 0o4777, user: 'daemon', content: 'x' }],
      scriptlets: { pre: { script: `rm -rf /usr/share/d; ln -s ${host.path} /usr/share/d` } },
    },
  ]);
  await mini.compose();
  host.assertUntouched();
});

test('a scriptlet that puts a link in place of /etc/shadow has no file of the build machine rewritten', async (t) => {
  const host = await hostFolder(t);
  const script = `ln -sf ${host.path}/shadow /etc/shadow`;
  const mini = await miniDistribution(t, [{ name: 'attacker', scriptlets: { post: { script } } }]);
  const composed = await mini.compose();
  t.true((await listing(composed)).includes(`l 00777 0 0 /usr/etc/shadow -> ${host.path}/shadow`));
  host.assertUntouched();
});

/** Each step, with the path that a script made a link to a file or folder of the build machine. */
const steps: readonly (readonly [path: string, target: string, step: (root: string) => unknown])[] = [
  ['etc/shadow', 'shadow', normaliseShadow],
  ['etc/passwd', 'passwd', (root) => seedAccounts(root, { passwd: [['app', 'x', '990', '990']] })],
  ['etc/passwd', 'passwd', (root) => splitAccounts(root, [])],
  ['etc/nsswitch.conf', 'nsswitch.conf', (root) => splitAccounts(root, [])],
  ['usr/lib/passwd', 'passwd', (root) => splitAccounts(root, [])],
  ['usr/lib', '', (root) => mutateOsRelease(root, '1', '2')],
  ['usr/share/x', '', (root) => removeFiles(root, ['usr/share/x/victim'], new Events())],
  ['usr/share/x', '', (root) => addFiles(root, [{ source: import.meta.filename, destination: 'usr/share/x/victim' }])],
  ['usr/share/slipway', 'sub', (root) => shipTreefile(root, {})],
  ['usr/share/slipway', 'sub', (root) => shipLock(root, 'x86_64', [], null)],
  ['etc/systemd', 'sub', (root) => setDefaultTarget(root, 'a.target')],
  ['usr/lib/systemd/system/local-fs.target.wants', 'sub', enableTmpMount],
  ['etc', 'sub', (root) => resetMachineId(root, true)],
  ['etc', '', removeLeftovers],
  ['usr/lib/tmpfiles.d', 'sub', (root) => emptyVar(root, ['d /var/x 0755 0 0 - -'])],
  ['etc/selinux', 'sub', (root) => moveSelinuxStore(root, testContext())],
  ['etc/selinux/targeted/active', '', (root) => moveSelinuxStore(root, testContext())],
  ['usr/lib/opt/a', 'victim', (root) => moveOpt(root, 'var', testContext())],
  ['usr/lib/modules/6.1', 'sub', placeKernel],
  ['usr/lib/sysimage', 'sub', (root) => placeRpmDatabase(root, join(root, 'db'))],
];

for (const [index, [path, target, step]] of steps.entries()) {
  test(`no step writes through a link at /${path} (${index + 1})`, async (t) => {
    const host = await hostFolder(t);
    const root = await tree(t, {
      'etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
      'etc/nsswitch.conf': nsswitch,
      'usr/lib/systemd/system/a.target': '',
      'usr/lib/systemd/system/tmp.mount': '',
      'usr/share/a': '',
      'usr/lib/rpm/macros': '',
      'var/lib/selinux/targeted/active/victim': '',
      'opt/a': '',
      'boot/vmlinuz-6.1': 'kernel',
      db: 'database',
    });
    const place = join(root, path);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(host.path, target), place);
    try {
      await step(root);
    } catch (error) {
      // What the step needs is not in the tree.
      const { code } = error as NodeJS.ErrnoException;
      const refused = error instanceof ToolError && /cannot overwrite non-directory/.test(error.output);
      t.true(refused || ['ENOENT', 'os-release-missing', 'nsswitch-missing'].includes(code ?? ''), String(error));
    }
    host.assertUntouched();
  });
}

test('a package that brings /run as a link has no names of the build machine written into the tree', async (t) => {
  const host = await hostFolder(t);
  const root = await tree(t, { 'var/log/x': '' });
  symlinkSync(host.path, join(root, 'run'));
  t.deepEqual(emptyVar(root, []), ['/var/log/x']);
  t.regex(readFileSync(join(root, 'usr/lib/tmpfiles.d/slipway-var.conf'), 'utf8'), /^d \/var\/log \S+ \S+ \S+ - -\n$/);
});

test('an absolute link to a file of the tree is followed inside it, as authselect makes one for nsswitch.conf', async (t) => {
  const mini = await miniDistribution(t, [
    {
      name: 'authselect',
      files: [
        { type: 'file', path: '/usr/lib/libnss_altfiles.so.2', content: 'x' },
        { type: 'file', path: '/etc/authselect/nsswitch.conf', content: nsswitch },
        { type: 'symlink', path: '/etc/nsswitch.conf', target: '/etc/authselect/nsswitch.conf' },
      ],
    },
  ]);
  const composed = await mini.compose();
  t.is(await fileIn(composed, '/usr/etc/authselect/nsswitch.conf'), 'passwd: files altfiles\n');
  t.true((await listing(composed)).includes('l 00777 0 0 /usr/etc/nsswitch.conf -> /etc/authselect/nsswitch.conf'));
});

test('the postprocess scripts get no folder of the build machine as /usr/etc', async (t) => {
  const host = await hostFolder(t);
  const mini = await miniDistribution(
    t,
    [{ name: 'attacker', scriptlets: { posttrans: { script: `mv /etc /etc-moved; ln -s ${host.path}/sub /etc` } } }],
    { postprocess: ['echo x > /usr/etc/made'] },
  );
  await t.throwsAsync(mini.compose(), { message: /postprocess script 1 failed: .*\n.*find source path/ });
  host.assertUntouched();
  t.is(statSync(join(host.path, 'sub')).mode & 0o777, 0o755);
});
