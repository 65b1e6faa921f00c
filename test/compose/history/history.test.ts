import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatHistory } from '../../../cli/commands/compose/history.ts';
import { readHistory } from '../../../compose/history/history.ts';
import { promoteCommit } from '../../../compose/history/promote.ts';
import { keptCommits, pruneArgv, pruneRepository, secondsBefore } from '../../../compose/history/prune.ts';
import { publishToArchive } from '../../../compose/publish/publish.ts';
import type { Signers } from '../../../compose/publish/sign.ts';
import { listRefs } from '../../../compose/repository/names.ts';
import { moveRefArgv } from '../../../compose/repository/refs.ts';
import { UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { type TinyRepo, tinyRef, tinyRepo } from '../tiny-repo.ts';

const signers: Signers = { gpg: null, ed25519: [], dropOthers: false };
const day = 24 * 60 * 60;
const start = 1_750_000_000;

function tools() {
  return { events: new Events(), signal: new AbortController().signal };
}

/** Commits 1, 2, … of a ref, a day apart. */
async function commits(tiny: TinyRepo, count: number, ref = tinyRef): Promise<string[]> {
  const made: string[] = [];
  for (let number = 1; number <= count; number++) {
    const packages = [`app ${number}`, 'base 1', ...(number > 1 ? ['extra 1'] : [])];
    const timestamp = start + number * day;
    made.push(
      await tiny.commit({ ref, files: { a: `${ref} ${number}` }, version: String(number), packages, timestamp }),
    );
  }
  return made;
}

test('readHistory() lists commits with what changed in each, newest first', async (t) => {
  const tiny = await tinyRepo(t);
  const [first, second, third] = (await commits(tiny, 3)) as [string, string, string];
  const history = await readHistory(tiny.repo, tinyRef);
  const entry = { inputId: null, refs: [] };
  t.deepEqual(history, {
    kind: 'commit-history',
    version: 1,
    commits: [
      {
        ...{ ...entry, checksum: third, version: '3', timestamp: start + 3 * day, packages: 3, refs: [tinyRef] },
        changes: { added: 0, removed: 0, changed: 1 },
      },
      {
        ...{ ...entry, checksum: second, version: '2', timestamp: start + 2 * day, packages: 3 },
        changes: { added: 1, removed: 0, changed: 1 },
      },
      { ...entry, checksum: first, version: '1', timestamp: start + day, packages: 2, changes: null },
    ],
    complete: true,
  });
  t.is(
    formatHistory(history).split('\n')[0],
    `${third.slice(0, 12)}  2025-06-18 15:06 UTC  3  3 packages (+0 -0 ~1)  os/host`,
  );
  const cut = await readHistory(tiny.repo, tinyRef, 2);
  t.deepEqual(cut.commits, history.commits.slice(0, 2));
  t.false(cut.complete);
  t.true(formatHistory(cut).endsWith('\n…'));
});

for (const [policy, expected] of [
  [{ keep: 2 }, 2],
  [{ keep: 99 }, 4],
  [{ since: 30 }, 2],
  [{ since: 99 }, 1],
  [{ since: 0 }, 4],
  [{ keep: 3, since: 30 }, 3],
  [{ keep: 1, since: 30 }, 2],
] as const) {
  test(`keptCommits() under ${JSON.stringify(policy)}`, (t) => t.is(keptCommits([40, 30, 20, 10], policy), expected));
}

test('keptCommits() keeps a young commit behind an older one, as after a step back in time', (t) => {
  t.is(keptCommits([10, 30, 20], { since: 30 }), 2);
});

test('pruneArgv() names how deep each ref goes', (t) => {
  const refs = [
    { ref: 'a', kept: 1 },
    { ref: 'b', kept: 3 },
  ];
  t.deepEqual(pruneArgv('r', refs), [
    ...['ostree', '--repo=r', 'prune', '--refs-only', '--depth=0'],
    ...['--only-branch=a', '--only-branch=b', '--retain-branch-depth=b=2'],
  ]);
  t.deepEqual(pruneArgv('r', []), ['ostree', '--repo=r', 'prune', '--refs-only']);
  t.is(secondsBefore(10 * day * 1000, 3), 7 * day);
});

test('pruneRepository() leaves refs of remotes alone', async (t) => {
  const tiny = await tinyRepo(t);
  await commits(tiny, 3);
  await commits(tiny, 3, 'mirrored');
  const { repo } = tiny;
  const remote = join(repo, 'refs/remotes/up');
  await mkdir(remote, { recursive: true });
  await rename(join(repo, 'refs/heads/mirrored'), join(remote, 'mirrored'));
  await pruneRepository({ repo, policy: { keep: 1 }, dryRun: false, signers }, tools());
  const log = async (ref: string): Promise<number> =>
    (await run(['ostree', `--repo=${repo}`, 'log', ref])).stdout.match(/^commit /gm)?.length ?? 0;
  t.is(await log('up:mirrored'), 3);
  t.is(await log(tinyRef), 1);
});

test('pruneRepository() removes old commits of each ref and leaves a sound repository', async (t) => {
  const tiny = await tinyRepo(t);
  await commits(tiny, 4);
  await commits(tiny, 2, 'os/other');
  const { repo } = tiny;
  const dry = await pruneRepository({ repo, policy: { keep: 2 }, dryRun: true, signers }, tools());
  const refs = [
    { ref: 'os/host', kept: 2, removed: 2 },
    { ref: 'os/other', kept: 2, removed: 0 },
  ];
  t.deepEqual(dry.refs, refs);
  t.is((await readHistory(repo, tinyRef)).commits.length, 4);
  t.deepEqual((await pruneRepository({ repo, policy: { keep: 2 }, dryRun: false, signers }, tools())).refs, refs);
  const left = await readHistory(repo, tinyRef);
  t.deepEqual([left.commits.length, left.complete], [2, false]);
  await run(['ostree', `--repo=${repo}`, 'fsck', '--quiet']);
  await pruneRepository({ repo, policy: { since: start + 99 * day }, dryRun: false, signers }, tools());
  t.is((await readHistory(repo, tinyRef)).commits.length, 1, 'the newest commit always stays');
  const error = await t.throwsAsync(pruneRepository({ repo, policy: {}, dryRun: false, signers }, tools()));
  t.is(error?.message, 'nothing says which commits may go');
});

test('promoteCommit() gives another ref the same commit, and pruning keeps it there', async (t) => {
  const tiny = await tinyRepo(t);
  const [first, second] = (await commits(tiny, 3)) as [string, string];
  const { repo } = tiny;
  const promote = (commit: string) => promoteCommit({ repo, commit, to: 'os/stable', signers }, tools());
  t.like(await promote('1'), { ref: 'os/stable', checksum: first, commitVersion: '1', previous: null });
  t.like(await promote(`${tinyRef}^`), { checksum: second, previous: first });
  t.like(await promote(second), { checksum: second, previous: second });
  await pruneRepository({ repo, policy: { keep: 1 }, dryRun: false, signers }, tools());
  t.is((await readHistory(repo, 'os/stable')).commits[0]?.checksum, second);
  await run(['ostree', `--repo=${repo}`, 'fsck', '--quiet']);
});

test('promoteCommit() refuses a commit that hosts would refuse under the new ref', async (t) => {
  const tiny = await tinyRepo(t);
  const checksum = await tiny.commit({ files: { a: '1' }, bindings: true });
  const promote = promoteCommit({ repo: tiny.repo, commit: tinyRef, to: 'os/stable', signers }, tools());
  const error = await t.throwsAsync(promote, { instanceOf: UserError });
  t.is(error?.message, `${checksum} binds itself to os/host: hosts refuse it as os/stable`);
});

test('promoteCommit() refuses names that no ref can have', async (t) => {
  const tiny = await tinyRepo(t);
  await commits(tiny, 1);
  for (const to of ['bad ref', '-x', '.hidden', 'os//host', 'os/', '/os', 'os/../host', 'remote:os/host', 'a@b']) {
    const promote = promoteCommit({ repo: tiny.repo, commit: '1', to, signers }, tools());
    const error = await t.throwsAsync(promote, { instanceOf: UserError });
    t.like(error, { code: 'usage', message: `"${to}" cannot be the name of a ref` });
  }
  for (const to of ['os', 'os/host/next']) {
    const promote = promoteCommit({ repo: tiny.repo, commit: '1', to, signers }, tools());
    const error = await t.throwsAsync(promote, { instanceOf: UserError });
    t.like(error, { code: 'ref-in-the-way', message: `there cannot be a ref ${to} beside the ref os/host` });
  }
  await promoteCommit({ repo: tiny.repo, commit: '1', to: 'büro_1/x.y-z', signers }, tools());
  t.deepEqual([...(await listRefs(tiny.repo)).keys()], ['büro_1/x.y-z', 'os/host']);
});

test('promoteCommit() completes one that was killed between the ref and the summary', async (t) => {
  const tiny = await tinyRepo(t);
  const [checksum] = (await commits(tiny, 1)) as [string];
  const to = join(tiny.folder, 'archive');
  await publishToArchive({ repo: tiny.repo, ref: tinyRef, to, delta: false, signers }, tools());
  await run(moveRefArgv(to, 'os/stable', checksum));
  const summary = async () => (await run(['ostree', `--repo=${to}`, 'summary', '--view'])).stdout;
  t.notRegex(await summary(), /os\/stable/);
  t.like(await promoteCommit({ repo: to, commit: '1', to: 'os/stable', signers }, tools()), { previous: checksum });
  t.regex(await summary(), /os\/stable/);
});

test('promoteCommit() in a published repository brings the summary along, and never drops its signature', async (t) => {
  const tiny = await tinyRepo(t);
  await commits(tiny, 1);
  const to = join(tiny.folder, 'archive');
  await publishToArchive({ repo: tiny.repo, ref: tinyRef, to, delta: false, signers }, tools());
  await promoteCommit({ repo: to, commit: tinyRef, to: 'os/stable', signers }, tools());
  t.regex((await run(['ostree', `--repo=${to}`, 'summary', '--view'])).stdout, /os\/stable/);
  await run(['touch', join(to, 'summary.sig')]);
  const promote = promoteCommit({ repo: to, commit: tinyRef, to: 'os/next', signers }, tools());
  const error = await t.throwsAsync(promote, { instanceOf: UserError });
  t.like(error, { code: 'summary-signed', message: `the summary of ${to} is signed, and would no longer be` });
  t.false((await listRefs(to)).has('os/next'));
});
