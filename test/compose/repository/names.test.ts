import test from 'ava';
import { readCommit } from '../../../compose/repository/commit.ts';
import { ancestry, commitOfRef, listRefs, resolveCommit } from '../../../compose/repository/names.ts';
import { UserError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { tinyRef, tinyRepo } from '../tiny-repo.ts';

test('readCommit() reads of a commit what ostree wrote', async (t) => {
  const tiny = await tinyRepo(t);
  const first = await tiny.commit({ files: { a: '1' }, version: '1', bindings: true });
  const second = await tiny.commit({
    files: { a: '2' },
    version: '2',
    packages: ['bash 5.2 3', 'zlib 1.3'],
    timestamp: 1_750_000_000,
    inputId: 'abc',
  });
  t.like(await readCommit(tiny.repo, first), { parent: null, version: '1', refBindings: [tinyRef], packages: [] });
  t.like(await readCommit(tiny.repo, second), {
    checksum: second,
    parent: first,
    version: '2',
    timestamp: 1_750_000_000,
    inputId: 'abc',
    refBindings: [],
    packages: [
      { name: 'bash', epoch: 0, version: '5.2', release: '3', arch: 'noarch' },
      { name: 'zlib', epoch: 0, version: '1.3', release: '1', arch: 'noarch' },
    ],
  });
});

test('resolveCommit() understands refs, versions, checksums, their beginnings and parents', async (t) => {
  const tiny = await tinyRepo(t);
  const commits: string[] = [];
  for (const version of ['1', '2', '3']) commits.push(await tiny.commit({ files: { a: version }, version }));
  const [first, second, third] = commits as [string, string, string];
  for (const [name, expected] of [
    [tinyRef, third],
    [`${tinyRef}^`, second],
    [`${tinyRef}^^`, first],
    ['2', second],
    ['3^', second],
    [first, first],
    [second.slice(0, 12), second],
  ] as const) {
    t.is((await resolveCommit(tiny.repo, name)).checksum, expected, name);
  }
  t.deepEqual(await listRefs(tiny.repo), new Map([[tinyRef, third]]));
  t.is(await commitOfRef(tiny.repo, tinyRef), third);
  const seen = await Array.fromAsync(ancestry(tiny.repo, third), (commit) => commit.checksum);
  t.deepEqual(seen, [third, second, first]);
});

test('resolveCommit() says what it did not find, and what is near', async (t) => {
  const tiny = await tinyRepo(t);
  await tiny.commit({ files: { a: '1' }, version: '1' });
  await tiny.commit({ files: { a: '2' }, version: '1' });
  const { repo } = tiny;
  for (const [name, code, message, hint] of [
    [
      'os/hots',
      'commit-not-found',
      `the repository ${repo} has no ref, commit or version os/hots`,
      'did you mean os/host?',
    ],
    [
      'elsewhere',
      'commit-not-found',
      `the repository ${repo} has no ref, commit or version elsewhere`,
      'it has os/host',
    ],
    ['0'.repeat(64), 'commit-not-found', `the repository ${repo} has no commit ${'0'.repeat(64)}`, ''],
    ['1', 'version-ambiguous', /^version 1 is that of several commits: /, 'name one of them by its checksum'],
    ['os/host^^', 'commit-not-found', /^[0-9a-f]{64} has no parent$/, ''],
  ] as const) {
    const error = await t.throwsAsync(resolveCommit(repo, name), { instanceOf: UserError, message });
    t.like(error, { code, hint });
  }
  const empty = await temporaryFolder(t);
  await t.throwsAsync(resolveCommit(empty, 'os/host'), { message: `${empty} is not an OSTree repository` });
});

test('resolveCommit() follows an alias', async (t) => {
  const tiny = await tinyRepo(t);
  const checksum = await tiny.commit({ files: { a: '1' } });
  await run(['ostree', `--repo=${tiny.repo}`, 'refs', '--alias', '--create=os/stable', tinyRef]);
  t.is((await resolveCommit(tiny.repo, 'os/stable')).checksum, checksum);
});
