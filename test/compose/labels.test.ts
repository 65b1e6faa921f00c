import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { policyOf } from '../../compose/labels.ts';
import { moveSelinuxStore } from '../../compose/rootfs/steps/selinux-store.ts';
import type { RpmFile } from '../../lib/rpm/spec.ts';
import { run } from '../../lib/run.ts';
import { tree } from '../support/temporary.ts';
import { type Composed, cacheRepo, listing, type MiniPackage, miniDistribution } from './mini-distribution.ts';
import { differenceOf } from './rootfs/steps/tree-difference.ts';
import { fileContexts, selinuxPolicy } from './selinux-policy.ts';
import { testContext } from './tiny-repo.ts';

const policy = selinuxPolicy();

for (const repoMode of ['bare-user', 'archive'] as const) {
  test(`files are labelled after the policy of the tree, in a repository of mode ${repoMode}`, async (t) => {
    const kernel = { type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' } as const;
    const bootable = { container: false, 'no-initramfs': true };
    const mini = await miniDistribution(t, [policy, { name: 'kernel', files: [kernel] }], bootable);
    const plain = await mini.compose({ repoMode });
    await mini.treefile({ ...bootable, selinux: true });
    const composed = await mini.compose({ repoMode });
    t.deepEqual(
      (await listing(composed)).filter((line) => !line.includes('treefile.json')),
      (await listing(plain)).filter((line) => !line.includes('treefile.json')),
    );
    const label = async (path: string): Promise<string | undefined> => {
      const argv = ['ostree', `--repo=${composed.repo}`, 'ls', '--dironly', '-X', composed.checksum, path];
      return /security\.selinux', b'([^']*)'/.exec((await run(argv)).stdout)?.[1];
    };
    t.is(await label('/usr/bin/busybox'), 'system_u:object_r:bin_t:s0');
    t.is(await label('/usr/lib/os-release'), 'system_u:object_r:usr_t:s0');
    t.is(await label('/var'), 'system_u:object_r:default_t:s0');
    await run(['ostree', `--repo=${composed.repo}`, 'fsck', '--quiet']);
    await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);
  });
}

const kernel: MiniPackage = {
  name: 'kernel',
  files: [{ type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' }],
};
const labelled = { container: false, 'no-initramfs': true, selinux: true };

/** Whether ostree has labelled all files, or only changed ones. */
function labelledBy({ events }: Composed): 'all' | 'changed' | undefined {
  for (const event of events) {
    if (event.type !== 'command' || !event.command.includes('--selinux-policy=')) continue;
    return /--tree=tar=\S*changed\.tar/.test(event.command) ? 'changed' : 'all';
  }
  return undefined;
}

for (const repoMode of ['bare-user', 'archive'] as const) {
  test(`only what has changed is labelled, and the commit is that of a compose that labels all, in a repository of mode ${repoMode}`, async (t) => {
    const file = (path: string, content = path): RpmFile => ({ type: 'file', path, content });
    const same: MiniPackage = {
      name: 'same',
      files: [
        { type: 'directory', path: '/usr/lib/same', mode: 0o750, user: 'daemon' },
        { ...{ type: 'file', path: '/usr/bin/same', mode: 0o755, content: 's' }, capabilities: 'cap_net_raw=ep' },
        { type: 'symlink', path: '/usr/lib/same/link', target: 'nowhere' },
      ],
    };
    const first: MiniPackage = {
      name: 'app',
      files: [
        ...['edited', 'gone', 'becomes-folder', 'folder/gone', 'mode'].map((name) => file(`/usr/lib/app/${name}`)),
        { type: 'symlink', path: '/usr/lib/app/link', target: 'edited' },
        { type: 'directory', path: '/usr/lib/app/mode-of-folder' },
        file('/usr/lib/app/mode-of-folder/same'),
      ],
    };
    const second: MiniPackage = {
      ...{ name: 'app', version: '2' },
      files: [
        file('/usr/lib/app/edited', 'after'),
        file('/usr/lib/app/becomes-folder/inside'),
        { type: 'file', path: '/usr/lib/app/mode', mode: 0o600, content: '/usr/lib/app/mode' },
        { type: 'symlink', path: '/usr/lib/app/link', target: 'mode' },
        { type: 'directory', path: '/usr/lib/app/mode-of-folder', mode: 0o2711, group: 'shadow' },
        file('/usr/lib/app/mode-of-folder/same'),
        { ...{ type: 'file', path: '/usr/bin/new', mode: 0o755, content: 'n' }, capabilities: 'cap_chown=p' },
        file('/usr/share/a-new/folder/file'),
      ],
    };
    const mini = await miniDistribution(t, [policy, kernel, same, first], labelled);
    const before = await mini.compose({ repoMode });
    t.is(labelledBy(before), 'all');
    const copy = join(mini.folder, 'copy');
    await run(['cp', '--archive', before.repo, copy]);
    await mini.publish([policy, kernel, same, second]);
    await mini.treefile(labelled);
    const composed = await mini.compose({ repoMode });
    const anew = await mini.compose({ repo: copy, cacheDir: join(mini.folder, 'other-cache') });
    t.deepEqual([labelledBy(composed), labelledBy(anew)], ['changed', 'all']);
    t.is(composed.checksum, anew.checksum);
    await run(['ostree', `--repo=${composed.repo}`, 'fsck', '--quiet']);
    // Nothing at all has changed:
    const again = await mini.compose({ force: true });
    t.is(labelledBy(again), undefined);
    t.deepEqual(await listing(again), await listing(composed));
    await run(['ostree', `--repo=${composed.repo}`, 'fsck', '--quiet']);
  });
}

test('with selinux-label-version: 1 files in /usr/etc have the labels of /etc, however many are labelled anew', async (t) => {
  const etc = `${fileContexts}/etc\t-d\tsystem_u:object_r:etc_t:s0
/etc/.*\tsystem_u:object_r:etc_t:s0
/etc/shadow\t--\tsystem_u:object_r:shadow_t:s0
`;
  const app = (version: string): MiniPackage => ({
    ...{ name: 'app', version },
    files: [
      { type: 'file', path: '/etc/app/changed', content: version },
      { type: 'file', path: '/etc/app/same', content: 'same' },
      { type: 'symlink', path: '/etc/app/link', target: version },
      { type: 'file', path: '/usr/bin/changed', content: version },
    ],
  });
  const versions = [selinuxPolicy(etc), kernel];
  const mini = await miniDistribution(t, [...versions, app('1')], labelled);
  const labelsOf = async ({ repo, checksum }: Composed): Promise<Map<string, string>> => {
    const { stdout } = await run(['ostree', `--repo=${repo}`, 'ls', '-R', '-X', checksum]);
    const found = stdout.matchAll(/'security\.selinux', b'([^']*)'.*? (\/\S*)(?: -> .*)?$/gm);
    return new Map([...found].map(([, label = '', path = '']) => [path, label.split(':')[2] ?? '']));
  };
  const zero = await labelsOf(await mini.compose());
  await mini.treefile({ ...labelled, 'selinux-label-version': 1 });
  const first = await mini.compose();
  t.is(labelledBy(first), 'all');
  const one = await labelsOf(first);
  t.deepEqual([...one.keys()], [...zero.keys()]);
  const expected = (path: string): string | undefined => {
    if (path === '/usr/etc/shadow') return 'shadow_t';
    return /^\/usr\/etc(\/|$)/.test(path) ? 'etc_t' : zero.get(path);
  };
  t.deepEqual(
    [...one],
    [...one.keys()].map((path) => [path, expected(path)]),
  );
  t.is(zero.get('/usr/etc/shadow'), 'usr_t');

  const copy = join(mini.folder, 'copy');
  await run(['cp', '--archive', first.repo, copy]);
  await mini.publish([...versions, app('2')]);
  await mini.treefile({ ...labelled, 'selinux-label-version': 1 });
  const second = await mini.compose();
  const anew = await mini.compose({ repo: copy, cacheDir: join(mini.folder, 'other-cache') });
  t.deepEqual([labelledBy(second), labelledBy(anew)], ['changed', 'all']);
  t.is(second.checksum, anew.checksum);
  await run(['ostree', `--repo=${second.repo}`, 'fsck', '--quiet']);
});

test('another policy, and a commit before that the cache does not know, label all files anew', async (t) => {
  const mini = await miniDistribution(t, [policy, kernel], labelled);
  await mini.compose();
  const other = selinuxPolicy(fileContexts.replace('bin_t', 'other_t'));
  await mini.publish([{ ...other, version: '2' }, kernel]);
  await mini.treefile(labelled);
  const composed = await mini.compose();
  t.is(labelledBy(composed), 'all');
  const { stdout } = await run([
    'ostree',
    `--repo=${composed.repo}`,
    'ls',
    '-X',
    composed.checksum,
    '/usr/bin/busybox',
  ]);
  t.regex(stdout, /system_u:object_r:other_t:s0/);
  await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'refs', '--delete', 'slipway/labelled']);
  t.is(labelledBy(await mini.compose({ force: true })), 'all');
});

test('a repository of mode bare cannot get labels, and the sentence says what can be done', async (t) => {
  const keys = { container: false, 'no-initramfs': true, selinux: true };
  const kernel = { type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' } as const;
  const mini = await miniDistribution(t, [policy, { name: 'kernel', files: [kernel] }], keys);
  t.like(await t.throwsAsync(mini.compose({ repoMode: 'bare' })), {
    code: 'labels-impossible',
    hint: 'use a repository of mode bare-user or archive, or set selinux: false for a commit without labels',
  });
});

test('policyOf() wants a compiled policy that is not turned off', async (t) => {
  const config = (text: string): Record<string, string> => ({ 'usr/etc/selinux/config': text });
  const compiled = { 'usr/etc/selinux/mini/policy/policy.33': '' };
  const enforcing = '# SELINUX=disabled\nSELINUX=enforcing\nSELINUXTYPE=mini\n';
  t.is(await policyOf(await tree(t, { ...config(enforcing), ...compiled })), 'mini');
  t.is(await policyOf(await tree(t, config(enforcing))), null);
  t.is(await policyOf(await tree(t, { ...config('SELINUX=disabled\nSELINUXTYPE=mini\n'), ...compiled })), null);
  t.is(await policyOf(await tree(t, { 'usr/bin/a': '' })), null);
});

test('moveSelinuxStore() moves the module store to /etc/selinux and tells semanage', async (t) => {
  const root = await tree(t, {
    'var/lib/selinux/mini/active/modules/x': 'm',
    'var/lib/other': '',
    'etc/selinux/semanage.conf': 'usepasswd=False',
  });
  t.deepEqual(await differenceOf(root, () => moveSelinuxStore(root, testContext())), {
    added: ['mini', 'mini/active', 'mini/active/modules', 'mini/active/modules/x'].map((path) => `etc/selinux/${path}`),
    removed: ['', '/mini', '/mini/active', '/mini/active/modules', '/mini/active/modules/x'].map(
      (path) => `var/lib/selinux${path}`,
    ),
    changed: ['etc/selinux/semanage.conf'],
  });
  t.is(readFileSync(join(root, 'etc/selinux/semanage.conf'), 'utf8'), 'usepasswd=False\nstore-root=/etc/selinux\n');
  t.deepEqual(await differenceOf(root, () => moveSelinuxStore(root, testContext())), {
    added: [],
    removed: [],
    changed: [],
  });
});
