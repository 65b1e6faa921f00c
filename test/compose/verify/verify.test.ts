import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatReport } from '../../../cli/commands/compose/verify.ts';
import { type VerifyOptions, verifyCommit } from '../../../compose/verify/verify.ts';
import { UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { type MiniDistribution, type MiniPackage, miniDistribution } from '../mini-distribution.ts';
import { tinyRepo } from '../tiny-repo.ts';

const hello: MiniPackage = { name: 'hello', files: [{ type: 'file', path: '/usr/share/hello', content: 'hello' }] };

function verify(mini: MiniDistribution, repo: string, commit: string, more: Partial<VerifyOptions> = {}) {
  const workParent = join(mini.folder, 'verify');
  const options = { repo, commit, treefileFile: join(mini.folder, 'host.json'), workParent, ...more };
  return verifyCommit(options, { events: new Events(), signal: new AbortController().signal });
}

test('verifyCommit() makes a commit again from the lock that it ships, though newer packages are there', async (t) => {
  const keys = {
    packages: ['base', 'hello'],
    'automatic-version-prefix': '7',
    'ostree-layers': ['layer'],
  };
  const mini = await miniDistribution(t, [hello], keys);
  const layers = await tinyRepo(t);
  await layers.commit({ ref: 'layer', files: { 'usr/share/layered': 'layer' } });
  await rename(layers.repo, join(mini.folder, 'repo'));
  await mini.compose();
  const second = await mini.compose({ force: true });
  t.is(second.version, '7.1');
  await mini.publish([hello, { ...hello, version: '2' }]);
  await mini.treefile(keys);
  const report = await verify(mini, second.repo, 'mini/host');
  t.deepEqual(report, {
    kind: 'reproduction-report',
    version: 1,
    checksum: second.checksum,
    rebuilt: second.checksum,
    reproduced: true,
    sameInputs: true,
    metadata: [],
    files: { added: [], removed: [], changed: [] },
  });
  t.is(formatReport(report), `${second.checksum} is what its treefile and packages make`);
  t.deepEqual(await readdir(join(mini.folder, 'verify')), ['scriptlet-output'], 'nothing else is left behind');
});

test('verifyCommit() needs neither the options of the compose repeated, nor the refs of layers where they were', async (t) => {
  const mini = await miniDistribution(t, [hello], { 'ostree-layers': ['layer'] });
  const layers = await tinyRepo(t);
  await layers.commit({ ref: 'layer', files: { 'usr/share/layered': 'layer' } });
  await rename(layers.repo, join(mini.folder, 'repo'));
  const made = await mini.compose({ sourceDateEpoch: 1_750_000_000, commitMetadata: { version: '5', note: 'x' } });
  await mkdir(join(mini.folder, 'moved'));
  await writeFile(join(mini.folder, 'moved', 'later'), 'later');
  await run(['ostree', `--repo=${made.repo}`, 'commit', '--branch=layer', `--tree=dir=${join(mini.folder, 'moved')}`]);
  t.like(await verify(mini, made.repo, made.checksum), { reproduced: true, rebuilt: made.checksum });
});

test('verifyCommit() names the files of a commit that its treefile does not make', async (t) => {
  const mini = await miniDistribution(t, [hello], { postprocess: ['#!/bin/sh\necho more > /usr/share/more'] });
  const made = await mini.compose();
  await mini.treefile({ 'gpg-key': 'nobody@example.org' }); // whoever verifies does not have the key
  const report = await verify(mini, made.repo, made.checksum);
  t.like(report, { reproduced: false, sameInputs: false, metadata: ['rpmostree.inputhash', 'slipway.input-id'] });
  t.deepEqual(
    report.files.removed.map(({ path }) => path),
    ['/usr/share/more'],
  );
  t.deepEqual(
    report.files.changed.map(({ path }) => path),
    ['/usr/share/slipway/treefile.json'],
  );
  const text = formatReport(report);
  t.true(text.includes(`was not reproduced: the same work gave ${report.rebuilt}\nThe inputs are other ones`));
  t.true(text.includes('files that differ (2):\n  ~ /usr/share/slipway/treefile.json (content)\n  - /usr/share/more'));
});

test('verifyCommit() keeps what a scriptlet said that fails, where the error says', async (t) => {
  const fails: MiniPackage = {
    ...hello,
    scriptlets: { post: { script: 'for i in 1 2 3; do echo said $i; done; exit 3' } },
  };
  const keys = { 'ignore-scriptlets': [{ package: 'hello', scriptlet: 'post', reason: 'a test' }] };
  const mini = await miniDistribution(t, [fails], keys);
  const made = await mini.compose();
  await mini.treefile({});
  const error = await t.throwsAsync(verify(mini, made.repo, made.checksum), { instanceOf: UserError });
  t.is(error?.code, 'scriptlet-failed');
  const [, path = ''] = /all that it said is in (.*)$/.exec(error?.hint ?? '') ?? [];
  t.is(await readFile(path, 'utf8'), 'said 1\nsaid 2\nsaid 3\n');
});

test('verifyCommit() refuses a commit without a lock', async (t) => {
  const tiny = await tinyRepo(t);
  const checksum = await tiny.commit({ files: { a: '1' } });
  const options = { repo: tiny.repo, commit: checksum, treefileFile: 'host.json', workParent: tiny.folder };
  const work = verifyCommit(options, { events: new Events(), signal: new AbortController().signal });
  const error = await t.throwsAsync(work, { instanceOf: UserError });
  t.is(error?.code, 'lock-missing');
});
