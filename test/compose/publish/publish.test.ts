import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { deltaArgv } from '../../../compose/publish/publish.ts';
import { gpgSignArgv, listSecretKeysArgv, signCommitEd25519 } from '../../../compose/publish/sign.ts';
import { readPublicKey, readSecretKey } from '../../../compose/publish/signature.ts';
import { summaryArgv } from '../../../compose/publish/summary.ts';
import { readKeyring, verifySignatures } from '../../../compose/publish/verify-signature.ts';
import { hasCommit } from '../../../compose/repository/commit.ts';
import { pullArgv } from '../../../compose/repository/copy-commit.ts';
import { readDetachedMetadata } from '../../../compose/repository/detached.ts';
import { commitOfRef } from '../../../compose/repository/names.ts';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { objectPath } from '../../../lib/ostree-objects.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { importRevocations } from '../resolve/support/keys.ts';
import { testContext, tinyRef, tinyRepo } from '../tiny-repo.ts';

import { gpgHome, type KeyFiles, noSigners, publish, writeKeys } from './archive.ts';

const program = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));
const killedPublish = fileURLToPath(new URL('../../support/publish-until-killed.ts', import.meta.url));

test('the commands of publishing are these', (t) => {
  t.deepEqual(pullArgv('a', 'b', 'c0'), ['ostree', '--repo=b', 'pull-local', 'a', 'c0']);
  t.deepEqual(deltaArgv('b', 'c0', { checksum: 'c1' }), [
    ...['ostree', '--repo=b', 'static-delta', 'generate', '--if-not-exists', '--from=c0', '--to=c1'],
  ]);
  t.deepEqual(summaryArgv('b', { gpg: null }), ['ostree', '--repo=b', 'summary', '--update']);
  const gpg = { keyIds: ['K'], homedir: '/h' };
  t.deepEqual(summaryArgv('b', { gpg }), [
    ...['ostree', '--repo=b', 'summary', '--update', '--gpg-sign=K', '--gpg-homedir=/h'],
  ]);
  const list = ['gpg', '--homedir=/h', '--batch', '--quiet', '--with-colons', '--list-secret-keys', '--', 'K'];
  t.deepEqual(listSecretKeysArgv('K', '/h'), list);
  t.deepEqual(gpgSignArgv('b', 'c0', gpg), ['ostree', '--repo=b', 'gpg-sign', '--gpg-homedir=/h', 'c0', 'K']);
});

test('publishToArchive() makes an archive repository with ref, summary and static delta', async (t) => {
  const tiny = await tinyRepo(t);
  const first = await tiny.commit({ files: { a: '1', b: 'same' }, version: '1' });
  t.like(await publish(tiny), { checksum: first, commitVersion: '1', previous: null, delta: false, signatures: [] });
  const second = await tiny.commit({ files: { a: '2', b: 'same' }, version: '2' });
  const published = await publish(tiny);
  t.like(published, { checksum: second, previous: first, delta: true });
  const archive = `--repo=${published.to}`;
  t.regex(await readFile(join(published.to, 'config'), 'utf8'), /mode=archive-z2[\s\S]*zlib-level=1/);
  t.is((await run(['ostree', archive, 'static-delta', 'list'])).stdout.trim(), `${first}-${second}`);
  t.true((await run(['ostree', archive, 'summary', '--view'])).stdout.includes(second));
  await run(['ostree', archive, 'fsck', '--quiet']);
  t.like(await publish(tiny), { checksum: second, previous: second, delta: false });
  t.like(await publish(tiny, noSigners, { commit: '1' }), { checksum: first, previous: second }, 'a step back');
});

test('publishToArchive() signs with Ed25519 so that the commit, the summary and nothing else verify', async (t) => {
  const tiny = await tinyRepo(t);
  const keys = await writeKeys(tiny.folder);
  const checksum = await tiny.commit({ files: { a: '1' } });
  const ed25519 = await readSecretKey(keys.secretPem);
  const { to } = await publish(tiny, { ...noSigners, ed25519: [ed25519] });
  const before = await readDetachedMetadata(to, checksum);
  await publish(tiny, { ...noSigners, ed25519: [ed25519] });
  t.deepEqual(await readDetachedMetadata(to, checksum), before, 'signing again changes nothing');
  const verdictOf = async (path: string) =>
    verifySignatures(to, checksum, { ed25519: await readPublicKey(path), gpgKeys: null }, testContext());
  for (const path of [keys.publicPem, keys.publicBase64]) {
    t.like(await verdictOf(path), { good: true, commit: { ed25519: true }, summary: { ed25519: true } });
  }
  const other = await writeKeys(await temporaryFolder(t));
  t.like(await verdictOf(other.publicPem), { good: false, commit: { ed25519: false }, summary: { ed25519: false } });
  await writeFile(join(to, 'summary'), 'x', { flag: 'a' });
  t.like(await verdictOf(keys.publicPem), { good: false, commit: { ed25519: true }, summary: { ed25519: false } });

  const shown = await run([
    'ostree',
    `--repo=${to}`,
    'show',
    '--print-detached-metadata-key=ostree.sign.ed25519',
    checksum,
  ]);
  t.regex(shown.stdout, /^\[(?:\[byte 0x|b['"])/, 'ostree reads it too'); // text when its last byte is 0
});

test('publishToArchive() without a key changes nothing where the summary is signed', async (t) => {
  const tiny = await tinyRepo(t);
  const keys = await writeKeys(tiny.folder);
  const first = await tiny.commit({ files: { a: '1' } });
  const { to } = await publish(tiny, { ...noSigners, ed25519: [await readSecretKey(keys.secretPem)] });
  await tiny.commit({ files: { a: '2' } });
  const error = await t.throwsAsync(publish(tiny), { instanceOf: UserError });
  t.like(error, { code: 'summary-signed', message: `the summary of ${to} is signed, and would no longer be` });
  const verifiers = { ed25519: await readPublicKey(keys.publicPem), gpgKeys: null };
  t.is(await commitOfRef(to, tinyRef), first);
  t.like(await verifySignatures(to, first, verifiers, testContext()), { good: true, summary: { ed25519: true } });
});

test('publishToArchive() signs with GPG, beside signatures that are there', async (t) => {
  const tiny = await tinyRepo(t);
  const { home, keyring } = await gpgHome(t, tiny.folder, 'publisher@example.org');
  const keys = await writeKeys(tiny.folder);
  const checksum = await tiny.commit({ files: { a: '1' } });
  const signers = {
    gpg: { keyIds: ['publisher@example.org'], homedir: home },
    ed25519: [await readSecretKey(keys.secretPem)],
    dropOthers: false,
  };
  for (const [keyId, message] of [
    ['ABCD', '"ABCD" is too short for a GPG key'],
    ['DEADBEEF', 'GPG has no secret key DEADBEEF'],
    ['nobody@example.org', 'GPG has no secret key nobody@example.org'],
  ] as const) {
    const gpg = { keyIds: ['publisher@example.org', keyId], homedir: home };
    await t.throwsAsync(publish(tiny, { ...signers, gpg }), { code: 'gpg-key-unusable', message });
    t.false(hasCommit(join(tiny.folder, 'archive'), checksum), 'nothing was copied');
  }
  const { to } = await publish(tiny, signers);
  const verifiers = { ed25519: await readPublicKey(keys.publicPem), gpgKeys: await readKeyring(keyring) };
  const both = { gpg: true, ed25519: true };
  t.like(await verifySignatures(to, checksum, verifiers, testContext()), { good: true, commit: both, summary: both });

  const client = join(tiny.folder, 'client');
  const ostree = ['ostree', `--repo=${client}`];
  await mkdir(client);
  await run([...ostree, 'init', '--mode=bare-user']);
  await run([...ostree, 'remote', 'add', `--gpg-import=${keyring}`, 'os', `file://${to}`]);
  await run([...ostree, 'pull', 'os', tinyRef]);
  await rm(objectPath(to, checksum, 'commitmeta'));
  t.like(await verifySignatures(to, checksum, verifiers, testContext()), { good: false, commit: { gpg: false } });
});

test('publishToArchive() refuses GPG keys that are revoked, have expired or are for other ends, before it copies', async (t) => {
  const tiny = await tinyRepo(t);
  const checksum = await tiny.commit({ files: { a: '1' } });
  const { home } = await gpgHome(t, tiny.folder, 'revoked@example.org');
  await importRevocations(home);
  const gpg = ['gpg', '--homedir', home, '--faked-system-time', '20200101T000000', '--batch', '--passphrase', ''];
  await run([...gpg, '--quick-generate-key', 'expired@example.org', 'ed25519', 'sign', '1m']);
  await run([...gpg, '--quick-generate-key', 'other@example.org', 'ed25519', 'auth', 'never']);
  for (const [keyId, reason] of [
    ['revoked@example.org', 'is revoked'],
    ['expired@example.org', 'has expired'],
    ['other@example.org', 'is not made for that'],
  ] as const) {
    const refused = publish(tiny, { ...noSigners, gpg: { keyIds: [keyId], homedir: home } });
    const message = `the GPG key ${keyId} cannot sign: it ${reason}`;
    await t.throwsAsync(refused, { code: 'gpg-key-unusable', message });
  }
  t.false(hasCommit(join(tiny.folder, 'archive'), checksum));
});

test('publishToArchive() refuses to drop the signature of a key from the summary unless told so', async (t) => {
  const tiny = await tinyRepo(t);
  const { home, keyring } = await gpgHome(t, tiny.folder, 'publisher@example.org', 'next@example.org');
  const [old, next] = [await writeKeys(tiny.folder), await writeKeys(await temporaryFolder(t))];
  const [oldKey, nextKey] = [await readSecretKey(old.secretPem), await readSecretKey(next.secretPem)];
  const gpg = { keyIds: ['publisher@example.org'], homedir: home };
  const nextGpg = { keyIds: ['next@example.org'], homedir: home };
  const first = await tiny.commit({ files: { a: '1' } });
  const { to } = await publish(tiny, { gpg, ed25519: [oldKey], dropOthers: false });
  const second = await tiny.commit({ files: { a: '2' } });
  for (const [signers, lost] of [
    [{ gpg: null, ed25519: [oldKey] }, 'a GPG key'],
    [{ gpg: nextGpg, ed25519: [oldKey] }, 'a GPG key'],
    [{ gpg, ed25519: [] }, 'an Ed25519 key'],
    [{ gpg, ed25519: [nextKey] }, 'an Ed25519 key'],
    [{ gpg: null, ed25519: [nextKey] }, 'a GPG key and an Ed25519 key'],
  ] as const) {
    const error = await t.throwsAsync(publish(tiny, { ...signers, dropOthers: false }), { instanceOf: UserError });
    const message = `the summary of ${to} is signed with ${lost} not given here, and would no longer be`;
    t.like(error, { code: 'summary-signed', message });
  }
  t.is(await commitOfRef(to, tinyRef), first);

  const verdictOf = async (keys: KeyFiles) => {
    const verifiers = { ed25519: await readPublicKey(keys.publicPem), gpgKeys: await readKeyring(keyring) };
    return verifySignatures(to, second, verifiers, testContext());
  };
  const bothGpg = { keyIds: [...gpg.keyIds, ...nextGpg.keyIds], homedir: home };
  await publish(tiny, { gpg: bothGpg, ed25519: [oldKey, nextKey], dropOthers: false });
  t.like([await verdictOf(old), await verdictOf(next)], [{ good: true }, { good: true }]);
  await publish(tiny, { gpg: null, ed25519: [nextKey], dropOthers: true });
  t.like(await verdictOf(next), { commit: { gpg: true, ed25519: true }, summary: { gpg: false, ed25519: true } });
  t.like(await verdictOf(old), { commit: { ed25519: true }, summary: { ed25519: false } });
});

test('publishToArchive() keeps signatures of a commit that only the archive has, and brings those of the source', async (t) => {
  const tiny = await tinyRepo(t);
  const [mine, source] = [await writeKeys(tiny.folder), await writeKeys(await temporaryFolder(t))];
  const checksum = await tiny.commit({ files: { a: '1' } });
  const { to } = await publish(tiny, { ...noSigners, ed25519: [await readSecretKey(mine.secretPem)] });
  await signCommitEd25519(tiny.repo, checksum, [await readSecretKey(source.secretPem)]);
  await publish(tiny, { ...noSigners, dropOthers: true });
  for (const { publicPem } of [mine, source]) {
    const verifiers = { ed25519: await readPublicKey(publicPem), gpgKeys: null };
    t.like(await verifySignatures(to, checksum, verifiers, testContext()), { commit: { ed25519: true } });
  }
});

test('publishToArchive() refuses repositories of other modes and commits bound to another ref', async (t) => {
  const tiny = await tinyRepo(t);
  await tiny.commit({ files: { a: '1' }, bindings: true, ref: 'os/other' });
  const bound = await t.throwsAsync(publish(tiny, noSigners, { commit: 'os/other' }), { instanceOf: UserError });
  t.is(bound?.code, 'ref-binding');
  t.regex(bound?.message ?? '', /^[0-9a-f]{64} binds itself to os\/other: hosts refuse it as os\/host$/);
  const archive = join(tiny.folder, 'archive');
  await mkdir(archive);
  await run(['ostree', `--repo=${archive}`, 'init', '--mode=bare-user']);
  await tiny.commit({ files: { a: '1' } });
  const mode = await t.throwsAsync(publish(tiny), { instanceOf: UserError });
  t.is(mode?.message, `${archive} is a bare-user repository, web servers need an archive one`);
  await writeFile(join(tiny.folder, 'notes'), 'mine');
  const foreign = await t.throwsAsync(publish(tiny, noSigners, { to: tiny.folder }), { instanceOf: UserError });
  t.is(foreign?.code, 'not-a-repository');
});

test('a publish that was killed while it wrote a signed summary is completed with the same key and with no other', async (t) => {
  const tiny = await tinyRepo(t);
  const [mine, other] = [await writeKeys(tiny.folder), await writeKeys(await temporaryFolder(t))];
  const [mineKey, otherKey] = [await readSecretKey(mine.secretPem), await readSecretKey(other.secretPem)];
  await tiny.commit({ files: { a: '1' } });
  const { to } = await publish(tiny, { ...noSigners, ed25519: [mineKey] });
  const checksum = await tiny.commit({ files: { a: '2' } });
  const argv = ['compose', 'publish', '--repo', tiny.repo, '--ref', tinyRef, '--to', to];
  const killed = [...argv, '--sign-ed25519-key', mine.secretPem];
  const strace = ['--follow-forks', '--output=/dev/null', '-P', 'summary.sig', '--inject=unlinkat:signal=SIGKILL'];
  const died = run(['strace', ...strace, process.execPath, program, ...killed]);
  t.regex((await t.throwsAsync(died, { instanceOf: ToolError })).output, /ostree was ended by SIGKILL/);
  const verifiers = { ed25519: await readPublicKey(mine.publicPem), gpgKeys: null };
  t.like(await verifySignatures(to, checksum, verifiers, testContext()), { summary: { ed25519: false } });

  const refuse = async (): Promise<void> => {
    for (const ed25519 of [[], [otherKey]]) {
      await t.throwsAsync(publish(tiny, { ...noSigners, ed25519 }), { code: 'summary-signed' });
    }
  };
  await refuse();
  await rm(join(to, 'summary.sig')); // as when it is killed a moment later
  await refuse();
  await publish(tiny, { ...noSigners, ed25519: [mineKey] });
  t.like(await verifySignatures(to, checksum, verifiers, testContext()), { good: true, summary: { ed25519: true } });
  await publish(tiny, { ...noSigners, ed25519: [otherKey], dropOthers: true });
  await publish(tiny, { ...noSigners, ed25519: [otherKey] });
});

test('a publish that was killed leaves the ref on a whole commit, and the next one completes it', async (t) => {
  const tiny = await tinyRepo(t);
  const first = await tiny.commit({ files: { a: '1' } });
  const { to } = await publish(tiny);
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, number) => [`file-${number}`, `${number}`.repeat(99)]),
  );
  const second = await tiny.commit({ files });
  for (const title of ['Copy objects', 'Make a static delta', 'Write the summary']) {
    const died = promisify(execFile)(process.execPath, [killedPublish, tiny.repo, tinyRef, to, title]);
    await t.throwsAsync(died, { message: /Command failed/ });
    // An ostree that was at work lives on for a moment, so that from the delta on the ref may have moved.
    const named = await commitOfRef(to, tinyRef);
    t.true(named === first || (named === second && title !== 'Copy objects'), title);
    await run(['ostree', `--repo=${to}`, 'fsck', '--quiet']);
  }
  await publish(tiny);
  t.is(await commitOfRef(to, tinyRef), second);
  await run(['ostree', `--repo=${to}`, 'fsck', '--quiet']);
  t.deepEqual(
    (await readdir(join(to, 'state'))).filter((name) => name.endsWith('.commitpartial')),
    [],
  );
});
