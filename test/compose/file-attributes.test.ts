import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type CommitPlace, commitTree } from '../../compose/commit.ts';
import { engineContext } from '../../compose/context.ts';
import { hasMachineLabel, listTreeAttributes } from '../../compose/file-attributes.ts';
import type { ComposePlan } from '../../compose/plan.ts';
import { readCommitObject } from '../../compose/repository/commit.ts';
import { rootOf } from '../../compose/repository/dirtree.ts';
import { foldUpper } from '../../compose/rootfs/fold.ts';
import { describeEntry } from '../../compose/rootfs/results/entry.ts';
import { readEntry } from '../../compose/rootfs/results/read-entry.ts';
import { upperReader } from '../../compose/rootfs/results/upper-layer.ts';
import { Events } from '../../lib/events.ts';
import { getExtendedAttribute, listExtendedAttributes, setExtendedAttribute } from '../../lib/extended-attributes.ts';
import { runInNamespace } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { AppliedChanges } from './apply-changes.ts';
import { type MiniPackage, miniDistribution } from './mini-distribution.ts';
import { directory, file } from './rootfs/results/support/entries.ts';
import { fileContexts, selinuxPolicy } from './selinux-policy.ts';

// Labels as a build machine with SELinux gives them. With SELinux in force nobody can remove one; of other kernels, some let a user namespace
// do so and some do not. Root can set one on all.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const machineLabel = Buffer.from('system_u:object_r:build_t:s0\0');

function labelAll(folder: string): void {
  setExtendedAttribute(folder, 'security.selinux', machineLabel);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) labelAll(path);
    else setExtendedAttribute(path, 'security.selinux', machineLabel);
  }
}

const tools = { events: new Events(), signal: new AbortController().signal };

asRoot('readEntry() and an upper layer are the same with and without labels of the machine', async (t) => {
  const folder = await temporaryFolder(t);
  mkdirSync(join(folder, 'd'));
  writeFileSync(join(folder, 'd/file'), 'content');
  symlinkSync('file', join(folder, 'd/link'));
  setExtendedAttribute(join(folder, 'd/file'), 'user.note', Buffer.from('x'));
  const described = (): string[] => [
    ...['d', 'd/file', 'd/link'].map((path) => describeEntry(readEntry(join(folder, path)))),
    ...[...upperReader(folder)()].map(([path, { entry }]) => `${path} ${describeEntry(entry)}`),
  ];
  const before = described();
  t.false(hasMachineLabel(folder));
  labelAll(folder);
  t.true(hasMachineLabel(folder));
  t.deepEqual(described(), before);
  t.deepEqual(listTreeAttributes(join(folder, 'd/file')), ['user.note']);
});

asRoot(
  'applyChanges() leaves labels of the machine where they are, with the rights that it has in a compose',
  async (t) => {
    const root = await temporaryFolder(t);
    mkdirSync(join(root, 'd'));
    setExtendedAttribute(join(root, 'd'), 'user.old', Buffer.from('x'));
    labelAll(root);
    const changes: AppliedChanges['changes'] = [
      { path: 'd', entry: { ...directory, mode: 0o750 }, emptied: false },
      { path: 'd/file', entry: { ...file('digest'), attributes: [['user.note', 'eA==']] }, emptied: false },
    ];
    await runInNamespace<AppliedChanges, null>(
      new URL('./apply-changes.ts', import.meta.url),
      { root, changes },
      tools,
    );
    t.deepEqual(listExtendedAttributes(join(root, 'd')), ['security.selinux']);
    t.deepEqual(getExtendedAttribute(join(root, 'd'), 'security.selinux'), machineLabel);
    t.deepEqual(listTreeAttributes(join(root, 'd/file')), ['user.note']);
  },
);

asRoot('foldUpper() leaves labels of the machine where they are, and carries none over', async (t) => {
  const folder = await temporaryFolder(t);
  const [upper, target] = [join(folder, 'upper'), join(folder, 'target')];
  for (const each of [upper, target]) mkdirSync(join(each, 'd'), { recursive: true });
  writeFileSync(join(upper, 'd/file'), '');
  labelAll(upper);
  setExtendedAttribute(join(target, 'd'), 'security.selinux', Buffer.from('other'));
  foldUpper(upper, target);
  t.deepEqual(getExtendedAttribute(join(target, 'd'), 'security.selinux'), Buffer.from('other'));
  t.deepEqual(getExtendedAttribute(join(target, 'd/file'), 'security.selinux'), machineLabel);
});

const packages: readonly MiniPackage[] = [
  { name: 'kernel', files: [{ type: 'file', path: '/usr/lib/modules/6.1/vmlinuz', content: 'kernel' }] },
  {
    name: 'app',
    files: [
      { ...{ type: 'file', path: '/usr/bin/capable', mode: 0o755, content: 'c' }, capabilities: 'cap_net_raw=ep' },
      { type: 'file', path: '/usr/bin/set-uid', mode: 0o4755, content: 's' },
      { type: 'directory', path: '/usr/lib/app', mode: 0o2750, group: 'daemon' },
      { type: 'file', path: '/usr/lib/app/Főtanúsítvány', content: 'name', group: 'shadow' },
      { type: 'symlink', path: '/usr/lib/app/link', target: 'nowhere' },
    ],
  },
  selinuxPolicy(`${fileContexts}/usr/lib/app/.*\t<<none>>\n`),
];

for (const [title, keys] of [
  ['without labels', { container: false, 'no-initramfs': true }],
  ['with labels of its own policy', { container: false, 'no-initramfs': true, selinux: true }],
] as const) {
  asRoot(`commitTree() commits a tree ${title} as it is, whatever labels the machine gave it`, async (t) => {
    const mini = await miniDistribution(t, packages, keys);
    const { repo, checksum } = await mini.compose();
    const tree = join(mini.folder, 'tree');
    await run(['ostree', `--repo=${repo}`, 'checkout', checksum, tree]);
    labelAll(tree);
    const labelled = title !== 'without labels';
    const place: CommitPlace = {
      repo,
      labelled,
      labelVersion: 0,
      signedFiles: null,
      archive: join(mini.folder, 'tree.tar'),
    };
    const again = await commitTree(tree, plan, [], true, place, null, engineContext(tools));
    t.deepEqual(rootOf(await readCommitObject(repo, again)), rootOf(await readCommitObject(repo, checksum)));
  });
}

asRoot('composeTree() makes the same commit where the machine labels files, and its cache is sound', async (t) => {
  const keys = { container: false, 'no-initramfs': true };
  const mini = await miniDistribution(t, packages, keys);
  const expected = await mini.compose();
  const cacheDir = join(mini.folder, 'labelled');
  const labelledRepo = join(cacheDir, 'packages/uid-0/repo');
  mkdirSync(labelledRepo, { recursive: true });
  labelAll(cacheDir);
  const options = { cacheDir, repo: join(mini.folder, 'other repo'), force: true };
  t.is((await mini.compose(options)).checksum, expected.checksum);
  labelAll(cacheDir);
  await run(['ostree', `--repo=${labelledRepo}`, 'fsck', '--quiet']);
  await run(['ostree', `--repo=${options.repo}`, 'fsck', '--quiet']);
  mkdirSync(join(mini.folder, 'bare'));
  labelAll(join(mini.folder, 'bare'));
  t.like(await t.throwsAsync(mini.compose({ cacheDir, repo: join(mini.folder, 'bare'), repoMode: 'bare' })), {
    code: 'machine-labels',
    hint: 'use a repository of mode bare-user or archive',
  });
});

const plan = {
  treefile: { ref: 'mini/host', containerCmd: null, initramfsArgs: [], repoMetadata: 'disabled' },
  ...{ parent: null, sourceDateEpoch: 0, commitVersion: null, inputId: '', commitMetadata: {}, layers: [] },
  options: { sourceDateEpoch: null, commitMetadata: {} },
} as unknown as ComposePlan;
