import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../lib/errors.ts';
import { getExtendedAttribute } from '../../lib/extended-attributes.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Composed, cacheRepo, listing, type MiniPackage, miniDistribution, step } from './mini-distribution.ts';

const signature = (name: string): Buffer => Buffer.from(`\x03\x02\x04${name} \0 signed`);

const app: MiniPackage = {
  name: 'app',
  files: [
    { type: 'directory', path: '/usr/lib/app', mode: 0o2750, user: 'daemon', group: 'shadow' },
    {
      ...{ type: 'file', path: '/usr/lib/app/run', mode: 0o4750, user: 'daemon', content: 'run' },
      ...{ capabilities: 'cap_net_raw=ep', signature: signature('run') },
    },
    { type: 'file', path: '/lib/library', content: 'l'.repeat(70_000), signature: signature('library') },
    { type: 'file', path: '/etc/script', mode: 0o755, content: 's', flags: ['config'], signature: signature('script') },
    { type: 'file', path: '/etc/setting', content: 's', flags: ['config'], signature: signature('setting') },
    { type: 'file', path: '/usr/lib/app/edited', content: 'before', signature: signature('edited') },
    { type: 'file', path: '/usr/lib/app/unsigned', content: 'u' },
  ],
  scriptlets: { post: { script: 'echo after > /usr/lib/app/edited' } },
};

/** A tree that boots and has a policy. */
const kernel: MiniPackage = {
  name: 'kernel',
  files: [
    { type: 'file', path: '/etc/selinux/config', content: 'SELINUX=enforcing\nSELINUXTYPE=mini\n' },
    { type: 'file', path: '/etc/selinux/mini/policy/policy.33', content: 'compiled' },
    {
      type: 'file',
      path: '/etc/selinux/mini/contexts/files/file_contexts',
      content: '/.*\tsystem_u:object_r:usr_t:s0\n',
    },
    { type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' },
  ],
};
const labelled = { container: false, 'no-initramfs': true, selinux: true, ima: true };

/** Signatures in the commit, by path. */
async function signatures({ repo, checksum }: Pick<Composed, 'repo' | 'checksum'>): Promise<Record<string, string>> {
  const { stdout } = await run(['ostree', `--repo=${repo}`, 'ls', '-R', '-X', checksum]);
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const [, bytes] = /'security\.ima', \[(?:byte )?([^\]]*)\]/.exec(line) ?? [];
      const value = Buffer.from((bytes ?? '').split(', ').map(Number)).toString('latin1');
      return bytes === undefined ? [] : [[line.slice(line.lastIndexOf(' ') + 1), value]];
    }),
  );
}

const expected = Object.fromEntries(
  Object.entries({ '/usr/etc/script': 'script', '/usr/lib/app/run': 'run', '/usr/lib/library': 'library' }).map(
    ([path, name]) => [path, signature(name).toString('latin1')],
  ),
);

for (const repoMode of ['bare-user', 'archive'] as const) {
  test(`ima: files that are as packaged get their signatures, and nothing else changes, in a repository of mode ${repoMode}`, async (t) => {
    const mini = await miniDistribution(t, [app]);
    const plain = await mini.compose({ repoMode });
    t.deepEqual(await signatures(plain), {});
    await mini.treefile({ ima: true });
    const composed = await mini.compose({ repoMode });
    t.deepEqual(await signatures(composed), expected);
    const others = async (each: Composed): Promise<string[]> =>
      (await listing(each)).filter((line) => !line.includes('treefile.json'));
    t.deepEqual(await others(composed), await others(plain));
    const { stdout } = await run([
      'ostree',
      `--repo=${composed.repo}`,
      'ls',
      '-X',
      composed.checksum,
      '/usr/lib/app/run',
    ]);
    t.regex(stdout, /security\.capability.*security\.ima/);
    t.regex(step(composed, 'Commit the tree').detail ?? '', /, with IMA signatures$/);
    t.true(
      composed.events.some(
        (event) =>
          event.type === 'info' &&
          event.message === '1 signed files are not as packaged, and are committed without their signatures',
      ),
    );
    await run(['ostree', `--repo=${composed.repo}`, 'fsck', '--quiet']);
    await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);
  });
}

for (const version of [0, 1]) {
  test(`ima goes with SELinux labels of version ${version}`, async (t) => {
    const mini = await miniDistribution(t, [app, kernel], { ...labelled, 'selinux-label-version': version });
    const composed = await mini.compose();
    t.deepEqual(await signatures(composed), expected);
    const argv = ['ostree', `--repo=${composed.repo}`, 'ls', '-X', composed.checksum];
    for (const path of ['/usr/lib/app/run', '/usr/lib/app/unsigned', '/usr/etc/script']) {
      t.regex((await run([...argv, path])).stdout, /security\.selinux', b'system_u:object_r:usr_t:s0'/);
    }
    t.regex(step(composed, 'Commit the tree').detail ?? '', /, with SELinux labels, with IMA signatures$/);
  });
}

test('ima wants a repository that is not of mode bare, and warns when nothing is signed', async (t) => {
  const mini = await miniDistribution(t, [app], { ima: true });
  const error = await t.throwsAsync(mini.compose({ repoMode: 'bare' }), { instanceOf: UserError });
  t.is(error?.code, 'signatures-impossible');
  t.is(error?.hint, 'use a repository of mode bare-user or archive, or set ima: false for a commit without signatures');
  await mini.publish([{ name: 'unsigned' }]);
  await mini.treefile({ ima: true });
  const { events } = await mini.compose({ repo: join(mini.folder, 'other') });
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  t.deepEqual(warnings, ['ima is true, but no file of the tree has a signature in its package']);
});

test('rpm reads the signatures of files that writeRpm() writes', async (t) => {
  const mini = await miniDistribution(t, [app]);
  const format = '[%{FILENAMES} %{FILESIGNATURES}\n]';
  const { stdout } = await run(['rpm', '-qp', '--qf', format, join(mini.folder, 'rpms/app-1-1.noarch.rpm')]);
  t.true(stdout.includes(`/lib/library ${signature('library').toString('hex')}\n`));
  t.true(stdout.includes('/usr/lib/app/unsigned \n'));
  await run(['rpmkeys', '--checksig', '--nosignature', join(mini.folder, 'rpms/app-1-1.noarch.rpm')]);
});

// Only root may set such attributes, as a host does that pulls the commit.
const asRoot = process.getuid?.() === 0 ? test : test.skip;

for (const [title, packages, keys] of [
  ['signatures', [app], { ima: true }],
  ['signatures and labels', [app, kernel], labelled],
] as const) {
  asRoot(`a host that pulls a commit with ${title} has them on disk, and its files are sound`, async (t) => {
    const composed = await (await miniDistribution(t, packages, keys)).compose();
    const folder = await temporaryFolder(t);
    const argv = ['ostree', `--repo=${folder}/repo`];
    await run([...argv, 'init', '--mode=bare']);
    await run([...argv, 'pull-local', composed.repo, composed.checksum]);
    await run([...argv, 'fsck', '--quiet']); // which reads attributes in the order of the disk
    await run([...argv, 'checkout', '--require-hardlinks', composed.checksum, `${folder}/deployment`]);
    const library = `${folder}/deployment/usr/lib/library`;
    t.deepEqual(getExtendedAttribute(library, 'security.ima'), signature('library'));
  });
}
