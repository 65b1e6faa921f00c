import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { jsonVariant, packageListVariant } from '../../compose/commit-metadata.ts';
import { signCommitEd25519 } from '../../compose/publish/sign.ts';
import { isSignedBy } from '../../compose/publish/signature.ts';
import { readCommit, readCommitObject } from '../../compose/repository/commit.ts';
import { readDetachedMetadata } from '../../compose/repository/detached.ts';
import { lockConstraints } from '../../compose/treefile/lock-constraints.ts';
import { readLockfiles } from '../../compose/treefile/lockfile.ts';
import { addCommitMetadata } from '../../compose/write-metadata.ts';
import { run } from '../../lib/run.ts';
import { fileIn, type MiniPackage, miniDistribution } from './mini-distribution.ts';
import { tinyRepo } from './tiny-repo.ts';

async function shown(repo: string, checksum: string, ...option: string[]): Promise<string> {
  return (await run(['ostree', `--repo=${repo}`, 'show', ...option, checksum])).stdout.trim();
}

test('jsonVariant() gives JSON the types that json-glib gives it', (t) => {
  t.deepEqual(jsonVariant({ text: "it's", list: [1, 1.5, true, null], map: {} }), {
    type: 'a{sv}',
    value: [
      ['text', { type: 's', value: "it's" }],
      [
        'list',
        {
          type: 'av',
          value: [
            { type: 'x', value: 1n },
            { type: 'd', value: 1.5 },
            { type: 'b', value: true },
            { type: 'mv', value: null },
          ],
        },
      ],
      ['map', { type: 'a{sv}', value: [] }],
    ],
  });
});

test('addCommitMetadata() keeps a list of 5,000 packages, far more than an argument holds, and the commit is sound', async (t) => {
  const tiny = await tinyRepo(t);
  const checksum = await tiny.commit({ files: { 'usr/x': 'y' }, version: '7', timestamp: 1_750_000_000 });
  const packages = Array.from({ length: 5000 }, (_, number) => ({
    ...{ name: `some-package-with-a-long-name-${number}`, epoch: 0, version: '1.2.3', release: `${number}.el9` },
    arch: 'x86_64',
  }));
  const list = packageListVariant(packages);
  const metadata = new Map([['rpmostree.rpmdb.pkglist', list]]);
  const fresh = await addCommitMetadata(tiny.repo, checksum, metadata);
  const { packages: read, ...rest } = await readCommit(tiny.repo, fresh);
  t.is(read.length, 5000);
  t.like(rest, { version: '7', timestamp: 1_750_000_000, parent: null });
  const printed = await shown(tiny.repo, fresh, '--print-metadata-key=rpmostree.rpmdb.pkglist');
  t.true(printed.includes("('some-package-with-a-long-name-4999', '0', '1.2.3', '4999.el9', 'x86_64')"));
  await run(['ostree', `--repo=${tiny.repo}`, 'refs', '--create=fresh', fresh]);
  await run(['ostree', `--repo=${tiny.repo}`, 'fsck', '--quiet']);
});

const app: MiniPackage = { name: 'app', files: [{ type: 'file', path: '/usr/bin/app', mode: 0o755, content: 'x' }] };

test('container-cmd, initramfs-args, repo-metadata and add-commit-metadata are metadata of the commit', async (t) => {
  const mini = await miniDistribution(t, [app], {
    'container-cmd': ['/usr/bin/app', '-v'],
    'initramfs-args': ['--omit', 'nfs'],
    'add-commit-metadata': { answer: 42 },
  });
  const inline = await mini.compose();
  t.is(
    await shown(inline.repo, inline.checksum, '--print-metadata-key=ostree.container-cmd'),
    "['/usr/bin/app', '-v']",
  );
  t.is(await shown(inline.repo, inline.checksum, '--print-metadata-key=answer'), 'int64 42');
  t.is(await shown(inline.repo, inline.checksum, '--print-metadata-key=rpmostree.initramfs-args'), "['--omit', 'nfs']");
  t.is(await shown(inline.repo, inline.checksum, '--print-metadata-key=rpmostree.rpmmd-repos'), "[{'id': <'mini'>}]");

  await mini.treefile({ 'repo-metadata': 'detached' });
  const detached = await mini.compose();
  t.false((await shown(detached.repo, detached.checksum, '--raw')).includes('rpmmd-repos'));
  const beside = await shown(detached.repo, detached.checksum, '--print-detached-metadata-key=rpmostree.rpmmd-repos');
  const [revision] = detached.lock.repos.map((each) => each.revision);
  t.regex(beside, /^\[\{'id': <'mini'>, 'timestamp': <uint64 \d+>, 'slipway\.repomd-digest': <'[0-9a-f]{64}'>\}\]$/);
  t.true(beside.includes(`<uint64 ${revision}>`), 'numbers are as ostree reads them');

  await mini.treefile({ 'repo-metadata': 'disabled' });
  const disabled = await mini.compose();
  t.false((await shown(disabled.repo, disabled.checksum, '--raw')).includes('rpmmd-repos'));
});

test('making the same commit again keeps its signatures', async (t) => {
  const mini = await miniDistribution(t, [app], { 'repo-metadata': 'detached' });
  const { repo, checksum } = await mini.compose();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await signCommitEd25519(repo, checksum, [privateKey]);
  t.is((await mini.compose({ force: true, parent: null })).checksum, checksum);
  const metadata = await readDetachedMetadata(repo, checksum);
  t.deepEqual([...metadata.keys()], ['ostree.sign.ed25519', 'rpmostree.rpmmd-repos']);
  t.true(isSignedBy(metadata, await readCommitObject(repo, checksum), publicKey));
});

test('the lock that a commit ships makes the same tree again, though the repository has moved on', async (t) => {
  const mini = await miniDistribution(t, [app]);
  const first = await mini.compose();
  const lockfile = join(mini.folder, 'lock.json');
  await writeFile(lockfile, await fileIn(first, '/usr/share/slipway/lock.json'));
  const rpms = join(mini.folder, 'rpms');
  const old = join(mini.folder, 'old');
  await run(['cp', '-r', rpms, old]);
  await mini.publish([{ ...app, version: '2' }]);
  await mkdir(join(rpms, 'old'));
  await run(['cp', '-r', join(old, 'app-1-1.noarch.rpm'), join(rpms, 'old')]);
  await run(['createrepo_c', '--quiet', rpms]);
  const lock = lockConstraints(await readLockfiles([lockfile]), { strict: true });
  const again = await mini.compose({ lock, parent: null, force: true });
  t.is(again.checksum, first.checksum);
});
