import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatReport } from '../../../cli/commands/compose/verify-signature.ts';
import { gpgSignatureKey } from '../../../compose/publish/gpg-signatures.ts';
import { readPublicKey, readSecretKey, signatureKey } from '../../../compose/publish/signature.ts';
import { readKeyring, verifySignatures } from '../../../compose/publish/verify-signature.ts';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { sortedEntries, writeVariant } from '../../../lib/gvariant.ts';
import { objectPath } from '../../../lib/ostree-objects.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { importRevocations } from '../resolve/support/keys.ts';
import { testContext, tinyRef, tinyRepo } from '../tiny-repo.ts';

import { gpgHome, noSigners, publish, writeKeys } from './archive.ts';

test('readSecretKey() takes the form of `ostree sign` and names a bad file without its content', async (t) => {
  const folder = await temporaryFolder(t);
  const keys = await writeKeys(folder);
  const [pem, base64] = await Promise.all([readSecretKey(keys.secretPem), readSecretKey(keys.secretBase64)]);
  t.true(pem.equals(base64));
  const bad = join(folder, 'bad');
  await writeFile(bad, 'c2VjcmV0');
  const error = await t.throwsAsync(readSecretKey(bad), { instanceOf: UserError });
  t.like(error, { code: 'key-unreadable', message: `${bad} holds no secret Ed25519 key` });
  const secret = await t.throwsAsync(readPublicKey(keys.secretPem), { instanceOf: UserError });
  t.is(secret.message, `${keys.secretPem} holds no public Ed25519 key`);
  t.regex(
    secret.hint,
    /^it is PEM as `openssl pkey -in key\.pem -pubout -out key\.pub` writes it from the secret key, or/,
  );
  await t.throwsAsync(readSecretKey(keys.publicPem), { message: `${keys.publicPem} holds no secret Ed25519 key` });
  await t.throwsAsync(readPublicKey(folder), { message: `the public key ${folder} cannot be read: it is a folder` });
  const missing = join(folder, 'missing');
  await t.throwsAsync(readSecretKey(missing), { message: `the secret key ${missing} cannot be read: no such file` });
});

test('verifySignatures() calls no signature of a revoked GPG key good, as ostree does not', async (t) => {
  const tiny = await tinyRepo(t);
  const { home, keyring } = await gpgHome(t, tiny.folder, 'publisher@example.org');
  const checksum = await tiny.commit({ files: { a: '1' } });
  const gpg = { keyIds: ['publisher@example.org'], homedir: home };
  const { to } = await publish(tiny, { ...noSigners, gpg });
  await importRevocations(home);
  await writeFile(keyring, (await run(['gpg', '--homedir', home, '--batch', '--armor', '--export'])).stdout);
  const verifiers = { ed25519: null, gpgKeys: await readKeyring(keyring) };
  const report = await verifySignatures(to, checksum, verifiers, testContext());
  t.like(report, { good: false, commit: { gpg: false }, summary: { gpg: false } });
  const lines = ['commit', 'summary'].map((what) => `${what}: the key KEY publisher@example.org is revoked`);
  t.deepEqual(
    report.problems.map((line) => line.replace(/[0-9A-F]{16}/, 'KEY')),
    lines,
  );
  t.true(formatReport(report).endsWith(`summary: no good signature (gpg)\n${report.problems.join('\n')}`));

  const client = ['ostree', `--repo=${join(tiny.folder, 'client')}`];
  await mkdir(join(tiny.folder, 'client'));
  await run([...client, 'init', '--mode=bare-user']);
  await run([...client, 'remote', 'add', `--gpg-import=${keyring}`, 'os', `file://${to}`]);
  const refused = await t.throwsAsync(run([...client, 'pull', 'os', tinyRef]), { instanceOf: ToolError });
  t.regex(refused.output, /Key revoked/);
});

test('verifySignatures() finds no good signature in metadata that is damaged or of another type, and says so', async (t) => {
  const tiny = await tinyRepo(t);
  const keys = await writeKeys(tiny.folder);
  const checksum = await tiny.commit({ files: { a: '1' } });
  const { keyring } = await gpgHome(t, tiny.folder, 'publisher@example.org');
  const signers = { ...noSigners, ed25519: [await readSecretKey(keys.secretPem)] };
  const { to } = await publish(tiny, signers);
  const [beside, summary] = [objectPath(to, checksum, 'commitmeta'), join(to, 'summary.sig')];
  const verifiers = { ed25519: await readPublicKey(keys.publicPem), gpgKeys: await readKeyring(keyring) };
  const judge = () => verifySignatures(to, checksum, verifiers, testContext());
  const none = { ed25519: false, gpg: false };
  for (const variant of [
    { type: 'u', value: 5 },
    { type: 's', value: 'x'.repeat(64) },
    { type: 'as', value: ['x'.repeat(64)] },
    { type: 'aay', value: [new Uint8Array(), new Uint8Array(64), new Uint8Array(99)] },
  ]) {
    const metadata = new Map([signatureKey, gpgSignatureKey].map((key) => [key, variant]));
    for (const path of [beside, summary]) await writeFile(path, writeVariant('a{sv}', sortedEntries(metadata)));
    t.like(await judge(), { good: false, commit: none, summary: none });
  }
  for (const path of [beside, summary]) await writeFile(path, Buffer.alloc(60, 0xff));
  t.like(await judge(), {
    ...{ good: false, commit: none, summary: none },
    problems: [
      `commit: no signature can be read, ${beside} is damaged`,
      `summary: no signature can be read, ${summary} is damaged`,
    ],
  });
  t.like(await t.throwsAsync(publish(tiny, signers)), {
    code: 'summary-signed',
    message: `the signatures of the summary of ${to} are damaged, and would be lost`,
  });
  t.like(await t.throwsAsync(publish(tiny, { ...signers, dropOthers: true })), {
    code: 'metadata-damaged',
    message: `${beside} is damaged: it is no metadata as OSTree writes it`,
  });
  await rm(beside);
  await publish(tiny, { ...signers, dropOthers: true });
  t.like(await judge(), { commit: { ed25519: true }, summary: { ed25519: true } });
});

test('readKeyring() says in one sentence what is wrong with a file', async (t) => {
  const folder = await temporaryFolder(t);
  const text = join(folder, 'text');
  await writeFile(text, 'hello');
  const error = await t.throwsAsync(readKeyring(text), { instanceOf: UserError });
  t.like(error, { code: 'key-unreadable', message: `${text} holds no OpenPGP public key` });
  await t.throwsAsync(readKeyring(folder), { message: `the keyring ${folder} cannot be read: it is a folder` });
  const missing = join(folder, 'missing');
  await t.throwsAsync(readKeyring(missing), { message: `the keyring ${missing} cannot be read: no such file` });
});
