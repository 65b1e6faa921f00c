import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readCommit } from '../../compose/repository/commit.ts';
import type { PackageLock } from '../../compose/resolve/lock.ts';
import { lockConstraints } from '../../compose/treefile/lock-constraints.ts';
import { readLockfiles } from '../../compose/treefile/lockfile.ts';
import { verifyCommit } from '../../compose/verify/verify.ts';
import { addCommitMetadata } from '../../compose/write-metadata.ts';
import { type Advisory, advisoriesIn, advisoriesKey, advisoriesVariant } from '../../lib/advisories.ts';
import { writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import {
  type Composed,
  fileIn,
  type MiniDistribution,
  type MiniPackage,
  miniDistribution,
} from './mini-distribution.ts';
import { tinyRepo } from './tiny-repo.ts';

const app: MiniPackage = { name: 'app', epoch: 1, files: [{ type: 'file', path: '/usr/bin/app', content: 'x' }] };

interface WrittenAdvisory {
  readonly id: string;
  readonly type?: string;
  readonly severity?: string;
  /** Of the package `app`. */
  readonly version?: string;
  readonly cve?: string;
}

/** Gives the repository the metadata `updateinfo`, as distributions do. */
async function advise(
  mini: MiniDistribution,
  advisories: readonly WrittenAdvisory[],
  options: readonly string[] = [],
): Promise<void> {
  const updates = advisories.map(
    ({ id, type = 'security', severity = 'Important', version = '1', cve = 'CVE-2024-1' }) =>
      `<update from="x@example.org" status="stable" type="${type}" version="1"><id>${id}</id><title>${id}</title>
<severity>${severity}</severity><issued date="2024-01-01 00:00:00"/><references>
<reference href="https://bugs.example.org/${cve}" id="1" type="bugzilla" title="${cve} app: wrong"/></references>
<description>mends ${cve}</description><pkglist><collection short="mini"><name>mini</name>
<package name="app" epoch="1" version="${version}" release="1" arch="noarch" src="app.src.rpm"><filename>app.rpm</filename></package>
</collection></pkglist></update>`,
  );
  const file = join(mini.folder, 'updateinfo.xml');
  await writeFile(file, `<?xml version="1.0" encoding="UTF-8"?>\n<updates>${updates.join('\n')}</updates>\n`);
  await run(['modifyrepo_c', ...options, file, join(mini.folder, 'rpms', 'repodata')]);
}

async function shown({ repo, checksum }: Pick<Composed, 'repo' | 'checksum'>, option: string): Promise<string> {
  return (await run(['ostree', `--repo=${repo}`, 'show', option, checksum])).stdout.trim();
}

const inline = '--print-metadata-key=rpmostree.advisories';
const detached = '--print-detached-metadata-key=rpmostree.advisories';

const firstAdvisory =
  "('MINI-1', uint32 1, uint32 3, ['app-1:1-1.noarch'], {'cve_references': <[('https://bugs.example.org/CVE-2024-1', 'CVE-2024-1 app: wrong')]>})";

test('advisories-metadata: inline writes the security advisories that the packages fix, as rpm-ostree does', async (t) => {
  const mini = await miniDistribution(t, [app], { 'advisories-metadata': 'inline' });
  await advise(mini, [
    { id: 'MINI-2', severity: 'Low', cve: 'CVE-2024-2' },
    { id: 'MINI-1' },
    { id: 'MINI-3', type: 'bugfix' },
    { id: 'MINI-4', version: '2' },
  ]);
  const made = await mini.compose();
  const second =
    "('MINI-2', 1, 1, ['app-1:1-1.noarch'], {'cve_references': <[('https://bugs.example.org/CVE-2024-2', 'CVE-2024-2 app: wrong')]>})";
  t.is(await shown(made, inline), `[${firstAdvisory}, ${second}]`);
  t.deepEqual(
    (await readCommit(made.repo, made.checksum)).metadata.get(advisoriesKey),
    advisoriesVariant(made.lock.advisories!),
  );
  await run(['ostree', `--repo=${made.repo}`, 'fsck', '--quiet']);
});

test('advisories are the very bytes that GLib makes of their text', async (t) => {
  const advisories: Advisory[] = [
    { id: 'A', severity: 'critical', packages: ['a-1-1.noarch', 'lib-2:1-1.x86_64'], cveReferences: [] },
    {
      ...{ id: 'FEDORA-2024-ä', severity: 'none', packages: ['b-1-1.noarch'] },
      cveReferences: [
        { url: 'https://bugs/1', title: "CVE-1-1: it's" },
        { url: 'https://bugs/22', title: 'CVE-1-2' },
      ],
    },
  ];
  const { repo, commit } = await tinyRepo(t);
  const tree = await commit({ files: { 'usr/x': 'y' } });
  const ostree = ['ostree', `--repo=${repo}`, 'commit', '--orphan', '--no-bindings', '--timestamp=@1750000000'];
  const commitWith = async (...options: string[]): Promise<string> =>
    (await run([...ostree, `--tree=ref=${tree}`, ...options])).stdout.trim();
  const plain = await commitWith();
  const ours = await addCommitMetadata(repo, plain, new Map([[advisoriesKey, advisoriesVariant(advisories)]]));
  // `ostree show` takes numbers for big-endian, but writes those of its command line as the machine has them.
  const text = await shown({ repo, checksum: ours }, inline);
  const native = text.replaceAll(
    /', (uint32 )?(\d), (uint32 )?(\d), /g,
    (_, first = '', kind, second = '', severity) =>
      `', ${first}${Number(kind) * 2 ** 24}, ${second}${Number(severity) * 2 ** 24}, `,
  );
  t.is(await commitWith(`--add-metadata=${advisoriesKey}=${native}`), ours);
  t.deepEqual(advisoriesIn((await readCommit(repo, ours)).metadata), advisories);
});

test('advisories-metadata: detached keeps them beside the commit, which they do not change', async (t) => {
  const keys = { 'advisories-metadata': 'detached' };
  const mini = await miniDistribution(t, [app], keys);
  const without = await mini.compose({ repo: join(mini.folder, 'without') });
  await advise(mini, [{ id: 'MINI-1' }]);
  const made = await mini.compose();
  t.is(made.checksum, without.checksum);
  t.is(await shown(made, detached), `[${firstAdvisory}]`);
  await t.throwsAsync(shown(made, inline));
  await t.throwsAsync(shown(without, detached));
});

test('a compose that wants no advisories neither reads them nor changes by them', async (t) => {
  const mini = await miniDistribution(t, [app], { 'advisories-metadata': 'disabled' });
  const without = await mini.compose({ repo: join(mini.folder, 'without') });
  await advise(mini, [{ id: 'MINI-1' }]);
  await run(['sh', '-c', `rm ${join(mini.folder, 'rpms', 'repodata')}/*updateinfo*`]);
  const made = await mini.compose();
  t.is(made.checksum, without.checksum);
  t.is(made.inputId, without.inputId);
  t.false('advisories' in made.lock);

  await mini.treefile({});
  const error = await t.throwsAsync(mini.compose(), {
    instanceOf: UserError,
    message: /^updateinfo metadata of the repository mini is missing/,
  });
  t.is(error.code, 'metadata-missing');
});

test('only advisories that are written are an input of the compose', async (t) => {
  const mini = await miniDistribution(t, [app], { 'advisories-metadata': 'inline' });
  const none = await mini.compose();
  t.deepEqual(none.lock.advisories, []);
  await advise(mini, [
    { id: 'MINI-1', type: 'bugfix' },
    { id: 'MINI-2', version: '2' },
  ]);
  t.false((await mini.compose()).changed, 'no advisory concerns the tree');
  await advise(mini, [{ id: 'MINI-1' }]);
  const one = await mini.compose();
  t.true(one.changed);
  t.not(one.inputId, none.inputId);
  await advise(mini, [{ id: 'MINI-3', version: '2' }, { id: 'MINI-1' }]);
  t.false((await mini.compose()).changed, 'none that concerns the tree is new');
  await advise(mini, [{ id: 'MINI-1', severity: 'Critical' }]);
  t.true((await mini.compose()).changed, 'it is worse than it was thought to be');
});

/** With advisories, and their lock in a file. */
async function lockedCompose(t: ExecutionContext) {
  const mini = await miniDistribution(t, [app], { 'advisories-metadata': 'inline' });
  await advise(mini, [{ id: 'MINI-1' }]);
  const made = await mini.compose();
  return { mini, made };
}

test('verifyCommit() makes a commit again though other advisories of its packages are there now', async (t) => {
  const { mini, made } = await lockedCompose(t);
  await advise(mini, [{ id: 'MINI-1', severity: 'Low' }, { id: 'MINI-9' }]);
  const options = { repo: made.repo, commit: made.checksum, treefileFile: join(mini.folder, 'host.json') };
  const tools = { events: new Events(), signal: new AbortController().signal };
  t.like(await verifyCommit({ ...options, workParent: join(mini.folder, 'verify') }, tools), { reproduced: true });
});

test('a lockfile says which advisories its packages have; the repositories are asked for other packages only', async (t) => {
  const { mini, made } = await lockedCompose(t);
  await advise(mini, [{ id: 'MINI-1', severity: 'Low' }, { id: 'MINI-9' }]);
  const shipped = join(mini.folder, 'shipped.json');
  await writeFile(shipped, await fileIn(made, '/usr/share/slipway/lock.json'));
  const written = join(mini.folder, 'written.json');
  await writeDocument(written, made.lock);
  const compose = async (file: string): Promise<Composed> => {
    const lock = lockConstraints(await readLockfiles([file]), { strict: false });
    return await mini.compose({ lock, parent: null, force: true });
  };
  for (const file of [shipped, written]) t.is((await compose(file)).checksum, made.checksum, file);

  const others = join(mini.folder, 'others.json');
  const withoutApp: PackageLock = { ...made.lock, packages: made.lock.packages.filter(({ name }) => name !== 'app') };
  await writeDocument(others, withoutApp);
  const asked = await compose(others);
  t.deepEqual(
    asked.lock.advisories?.map(({ id, severity }) => [id, severity]),
    [
      ['MINI-1', 'low'],
      ['MINI-9', 'important'],
    ],
  );

  const silent = join(mini.folder, 'silent.json');
  const { advisories: _, ...lock } = made.lock;
  await writeDocument(silent, lock);
  t.is(
    (await compose(silent)).checksum,
    asked.checksum,
    'a lockfile without advisories does not say that there are none',
  );
});

for (const options of [['--compress-type=xz'], ['--no-compress']]) {
  test(`advisories are read from repositories made by modifyrepo_c ${options[0]}`, async (t) => {
    const mini = await miniDistribution(t, [app], { 'advisories-metadata': 'inline' });
    await advise(mini, [{ id: 'MINI-1' }], options);
    t.is(await shown(await mini.compose(), inline), `[${firstAdvisory}]`);
  });
}

test('advisories that are not what repomd.xml says, or no XML, are refused', async (t) => {
  const mini = await miniDistribution(t, [app], { 'advisories-metadata': 'inline' });
  await advise(mini, [{ id: 'MINI-1' }]);
  const packed = join(mini.folder, 'rpms', 'repodata', '*updateinfo.xml.gz');
  await run(['sh', '-c', `echo '<updates/>' | gzip > "$(ls ${packed})"`]);
  const damaged = await t.throwsAsync(mini.compose(), {
    instanceOf: UserError,
    message: /updateinfo\.xml\.gz of the repository mini is not what repomd\.xml says/,
  });
  t.is(damaged.code, 'metadata-checksum');

  await mini.publish([app]);
  await mkdir(join(mini.folder, 'bad'));
  const bad = join(mini.folder, 'bad', 'updateinfo.xml');
  await writeFile(bad, '<updates><update></updates>');
  await run(['modifyrepo_c', bad, join(mini.folder, 'rpms', 'repodata')]);
  await t.throwsAsync(mini.compose(), {
    instanceOf: UserError,
    message: 'the advisories of the repository mini cannot be read: </updates> closes <update>',
  });
});
