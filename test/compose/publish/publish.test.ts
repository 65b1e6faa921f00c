import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { deltaArgv, publishToArchive, pullArgv } from '../../../compose/publish/publish.ts';
import { gpgSignArgv, type Signers } from '../../../compose/publish/sign.ts';
import { readPublicKey, readSecretKey } from '../../../compose/publish/signature.ts';
import { summaryArgv } from '../../../compose/publish/summary.ts';
import { verifySignatures } from '../../../compose/publish/verify-signature.ts';
import { readDetachedMetadata, writeDetachedMetadata } from '../../../compose/repository/detached.ts';
import { commitOfRef } from '../../../compose/repository/names.ts';
import { UserError } from '../../../lib/errors.ts';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type TinyRepo, testContext, tinyRef, tinyRepo } from '../tiny-repo.ts';

const noSigners: Signers = { gpg: null, ed25519: null };
const killedPublish = fileURLToPath(new URL('../../support/publish-until-killed.ts', import.meta.url));

function publish(tiny: TinyRepo, signers = noSigners, more: { commit?: string } = {}) {
  const tools = { events: new Events(), signal: new AbortController().signal };
  const to = join(tiny.folder, 'archive');
  return publishToArchive({ repo: tiny.repo, ref: tinyRef, to, delta: true, signers, ...more }, tools);
}

test('the commands of publishing are these', (t) => {
  t.deepEqual(pullArgv('a', 'b', 'c0'), ['ostree', '--repo=b', 'pull-local', 'a', 'c0']);
  t.deepEqual(deltaArgv('b', 'c0', { checksum: 'c1' }), [
    ...['ostree', '--repo=b', 'static-delta', 'generate', '--if-not-exists', '--from=c0', '--to=c1'],
  ]);
  t.deepEqual(summaryArgv('b', { gpg: null }), ['ostree', '--repo=b', 'summary', '--update']);
  const gpg = { keyId: 'K', homedir: '/h' };
  t.deepEqual(summaryArgv('b', { gpg }), [
    ...['ostree', '--repo=b', 'summary', '--update', '--gpg-sign=K', '--gpg-homedir=/h'],
  ]);
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
  const { to } = await publish(tiny, { gpg: null, ed25519 });
  const before = await readDetachedMetadata(to, checksum);
  await publish(tiny, { gpg: null, ed25519 });
  t.deepEqual(await readDetachedMetadata(to, checksum), before, 'signing again changes nothing');
  const verdictOf = async (path: string) =>
    verifySignatures(to, checksum, { ed25519: await readPublicKey(path), gpgKeyring: null }, testContext());
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
  t.regex(shown.stdout, /^\[\[byte 0x/, 'ostree reads it too');
});

test('publishToArchive() without a key changes nothing where the summary is signed', async (t) => {
  const tiny = await tinyRepo(t);
  const keys = await writeKeys(tiny.folder);
  const first = await tiny.commit({ files: { a: '1' } });
  const { to } = await publish(tiny, { gpg: null, ed25519: await readSecretKey(keys.secretPem) });
  await tiny.commit({ files: { a: '2' } });
  const error = await t.throwsAsync(publish(tiny), { instanceOf: UserError });
  t.like(error, { code: 'summary-signed', message: `the summary of ${to} is signed, and would no longer be` });
  const verifiers = { ed25519: await readPublicKey(keys.publicPem), gpgKeyring: null };
  t.is(await commitOfRef(to, tinyRef), first);
  t.like(await verifySignatures(to, first, verifiers, testContext()), { good: true, summary: { ed25519: true } });
});

test('readSecretKey() takes the form of `ostree sign` and names a bad file without its content', async (t) => {
  const folder = await temporaryFolder(t);
  const keys = await writeKeys(folder);
  const [pem, base64] = await Promise.all([readSecretKey(keys.secretPem), readSecretKey(keys.secretBase64)]);
  t.true(pem.equals(base64));
  const bad = join(folder, 'bad');
  await writeFile(bad, 'c2VjcmV0');
  const error = await t.throwsAsync(readSecretKey(bad), { instanceOf: UserError });
  t.like(error, { code: 'key-unreadable', message: `${bad} holds no secret Ed25519 key` });
  await t.throwsAsync(readPublicKey(keys.secretPem), { message: `${keys.secretPem} holds no public Ed25519 key` });
  await t.throwsAsync(readSecretKey(keys.publicPem), { message: `${keys.publicPem} holds no secret Ed25519 key` });
  const missing = join(folder, 'missing');
  await t.throwsAsync(readSecretKey(missing), { message: `the secret key ${missing} cannot be read: no such file` });
});

test('publishToArchive() signs with GPG, beside signatures that are there', async (t) => {
  const tiny = await tinyRepo(t);
  const home = join(tiny.folder, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const gpg = ['gpg', '--homedir', home, '--batch', '--quiet'];
  await run([...gpg, '--passphrase', '', '--quick-generate-key', 'publisher@example.org', 'ed25519', 'sign', 'never']);
  t.teardown(() => run(['gpgconf', '--homedir', home, '--kill', 'all']));
  const keyring = join(tiny.folder, 'keys.asc');
  await writeFile(keyring, (await run([...gpg, '--armor', '--export'])).stdout);
  const keys = await writeKeys(tiny.folder);
  const checksum = await tiny.commit({ files: { a: '1' } });
  const signers = {
    gpg: { keyId: 'publisher@example.org', homedir: home },
    ed25519: await readSecretKey(keys.secretPem),
  };
  const { to } = await publish(tiny, signers);
  const verifiers = { ed25519: await readPublicKey(keys.publicPem), gpgKeyring: keyring };
  const both = { gpg: true, ed25519: true };
  t.like(await verifySignatures(to, checksum, verifiers, testContext()), { good: true, commit: both, summary: both });

  const client = join(tiny.folder, 'client');
  const ostree = ['ostree', `--repo=${client}`];
  await mkdir(client);
  await run([...ostree, 'init', '--mode=bare-user']);
  await run([...ostree, 'remote', 'add', `--gpg-import=${keyring}`, 'os', `file://${to}`]);
  await run([...ostree, 'pull', 'os', tinyRef]);
  await writeDetachedMetadata(to, checksum, new Uint8Array());
  t.like(await verifySignatures(to, checksum, verifiers, testContext()), { good: false, commit: { gpg: false } });
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

interface KeyFiles {
  readonly secretPem: string;
  readonly secretBase64: string;
  readonly publicPem: string;
  readonly publicBase64: string;
}

async function writeKeys(folder: string): Promise<KeyFiles> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const open = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const contents = {
    secretPem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    secretBase64: Buffer.concat([secret, open]).toString('base64'),
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }),
    publicBase64: `${open.toString('base64')}\n`,
  };
  const paths = Object.entries(contents).map(async ([name, content]): Promise<[string, string]> => {
    const path = join(folder, name);
    await writeFile(path, content);
    await chmod(path, 0o600);
    return [name, path];
  });
  return Object.fromEntries(await Promise.all(paths)) as unknown as KeyFiles;
}
