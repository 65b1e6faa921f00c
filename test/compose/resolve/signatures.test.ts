import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { downloadPackages } from '../../../compose/resolve/download.ts';
import { keyBlocks } from '../../../compose/resolve/keys.ts';
import { loadRepos } from '../../../compose/resolve/repos.ts';
import { resolvePackages } from '../../../compose/resolve/resolve.ts';
import { parseVerdict } from '../../../compose/resolve/signatures.ts';
import { DiagnosticsError } from '../../../lib/diagnostics.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { binaryKey, makeKey, type TestKey } from './support/keys.ts';
import { quietTools, requestFor, writeRepo } from './support/small-repo.ts';

/** Two packages, signed by the given keys (null: not), fetched with `gpgkey` as the only trust. */
async function fetchSigned(
  t: ExecutionContext,
  signers: readonly (TestKey | null)[],
  gpgkey: string,
): Promise<string[]> {
  const folder = await temporaryFolder(t);
  const repo = join(folder, 'repo');
  await writeRepo(
    repo,
    signers.map((_, index) => ({ name: `p${index}` })),
  );
  for (const [index, signer] of signers.entries()) await signer?.signRpm(join(repo, `p${index}-1-1.noarch.rpm`));
  await run(['createrepo_c', '--quiet', '--no-database', repo]);
  const made = await requestFor(folder, `[signed]\nbaseurl=file://${repo}\ngpgcheck=1\ngpgkey=${gpgkey}\n`, ['signed']);
  const request = { ...made, packages: signers.map((_, index) => `p${index}`) };
  const lock = await resolvePackages(request, quietTools());
  const repos = await loadRepos(request);
  await downloadPackages(lock, { ...quietTools(), cacheDir: request.cacheDir, repos });
  const verdicts = join(request.cacheDir, 'verdicts', 'signatures');
  return (await readdir(verdicts, { recursive: true })).filter((name) => name.includes('/'));
}

test.serial('downloadPackages() accepts packages signed by any of the keys and remembers each verdict', async (t) => {
  const [one, two] = [await makeKey(t, 'one'), await makeKey(t, 'two')];
  const binary = join(await temporaryFolder(t), 'two.gpg');
  await binaryKey(t, two.publicKey, binary);
  t.is((await fetchSigned(t, [one, two], `file://${one.publicKey} file://${binary}`)).length, 2);
});

test.serial('downloadPackages() refuses an unsigned package where gpgcheck is on', async (t) => {
  const key = await makeKey(t, 'one');
  const error = await t.throwsAsync(fetchSigned(t, [key, null], `file://${key.publicKey}`));
  t.regex(error.message, /^p1-1-1\.noarch from the repository signed \(file:\S+\) is not signed, and gpgcheck is on$/);
});

test.serial('downloadPackages() refuses a package signed by another key', async (t) => {
  const [own, foreign] = [await makeKey(t, 'own'), await makeKey(t, 'foreign')];
  const error = await t.throwsAsync(fetchSigned(t, [foreign], `file://${own.publicKey}`));
  t.regex(
    error.message,
    /^p0-1-1\.noarch from the repository signed \(file:\S+\) is signed by none of the keys in gpgkey/,
  );
});

test.serial('loadKeys() refuses a file that holds no key and one that is not there', async (t) => {
  const key = await makeKey(t, 'one');
  const notKey = join(await temporaryFolder(t), 'not-a-key');
  await writeFile(notKey, 'hello');
  for (const [path, reason] of [
    [notKey, 'holds no OpenPGP public key'],
    ['/nowhere/key', 'cannot be read: no such file'],
    ['/usr', 'cannot be read: it is a folder'],
  ] as const) {
    const error = await t.throwsAsync(fetchSigned(t, [key], `file://${path}`), { instanceOf: DiagnosticsError });
    const [problem] = error.diagnostics;
    t.is(problem?.message, `the key file://${path} of the repository signed ${reason}`);
    t.like(problem, { position: { line: 4, column: 1, endColumn: 7 }, sourceLine: `gpgkey=file://${path}` });
    t.regex(problem?.position?.file ?? '', /\/test\.repo$/);
  }
});

test.serial('resolvePackages() checks the signature of repomd.xml where repo_gpgcheck is on', async (t) => {
  const [own, foreign] = [await makeKey(t, 'own'), await makeKey(t, 'foreign')];
  const folder = await temporaryFolder(t);
  const repo = join(folder, 'repo');
  await writeRepo(repo, [{ name: 'p' }]);
  const index = join(repo, 'repodata/repomd.xml');
  const settings = `baseurl=file://${repo}\ngpgcheck=0\nrepo_gpgcheck=1\ngpgkey=file://${own.publicKey}\n`;
  const request = { ...(await requestFor(folder, `[r]\n${settings}`, ['r'])), packages: ['p'] };
  const refusal = async (): Promise<string> => {
    const error = await t.throwsAsync(resolvePackages(request, quietTools()), { instanceOf: DiagnosticsError });
    return error.message.replaceAll(folder, '');
  };
  const report = (reason: string): string =>
    [
      `error[metadata-signature]: repomd.xml.asc of the repository r cannot be read: /repo/repodata/repomd.xml.asc: ${reason}`,
      '  --> /test.repo:4:1',
      '4 | repo_gpgcheck=1',
      '  | ^^^^^^^^^^^^^ sign it with `gpg --armor --detach-sign repomd.xml`, or write repo_gpgcheck=0 where nobody signs it',
    ].join('\n');
  t.is(await refusal(), report('no such file'));
  for (const rubbish of ['', '<html>']) {
    await writeFile(`${index}.asc`, rubbish);
    t.is(await refusal(), report('it holds no OpenPGP signature'));
  }
  await rm(`${index}.asc`);
  await foreign.signDetached(index);
  await t.throwsAsync(resolvePackages(request, quietTools()), {
    message: /^repomd\.xml of the repository r has no valid signature: .*No public key/,
  });
  await own.signDetached(index);
  t.is((await resolvePackages(request, quietTools())).packages.length, 1);
  await writeFile(index, (await readFile(index, 'utf8')).replace('<revision>', '<revision>1'));
  await t.throwsAsync(resolvePackages(request, quietTools()), { message: /no valid signature: .*BAD signature/ });
});

test.serial('resolvePackages() refuses a repomd.xml signed by a key that is revoked or has expired', async (t) => {
  const [revoked, expired] = [await makeKey(t, 'revoked'), await makeKey(t, 'expired', '1m')];
  for (const [key, reason] of [
    [revoked, 'revoked@test.invalid is revoked'],
    [expired, 'expired@test.invalid has expired'],
  ] as const) {
    const folder = await temporaryFolder(t);
    const repo = join(folder, 'repo');
    await writeRepo(repo, [{ name: 'p' }]);
    await key.signDetached(join(repo, 'repodata/repomd.xml'));
    if (key === revoked) await key.revoke();
    const settings = `baseurl=file://${repo}\ngpgcheck=0\nrepo_gpgcheck=1\ngpgkey=file://${key.publicKey}\n`;
    const request = { ...(await requestFor(folder, `[r]\n${settings}`, ['r'])), packages: ['p'] };
    const error = await t.throwsAsync(resolvePackages(request, quietTools()), { code: 'metadata-signature' });
    t.regex(error.message, /^repomd\.xml of the repository r has no valid signature: the key [0-9A-F]{16} \S+@/);
    t.true(error.message.endsWith(reason), error.message);
  }
});

const lines: readonly (readonly [string, ReturnType<typeof parseVerdict>])[] = [
  ['/a b/x.rpm: digests signatures OK', { path: '/a b/x.rpm', verdict: 'signed' }],
  ['x.rpm: digests OK', { path: 'x.rpm', verdict: 'unsigned' }],
  ['x.rpm: digests SIGNATURES NOT OK', { path: 'x.rpm', verdict: 'unknown-key' }],
  ['x.rpm: DIGESTS signatures NOT OK', { path: 'x.rpm', verdict: 'bad' }],
  ['x.rpm: DIGESTS SIGNATURES NOT OK', { path: 'x.rpm', verdict: 'bad' }],
  ['x.rpm: not an rpm package (or package manifest)', undefined],
];

for (const [line, expected] of lines) {
  test.serial(`parseVerdict() reads "${line}"`, (t) => {
    t.deepEqual(parseVerdict(line), expected);
  });
}

test.serial('keyBlocks() tells keys from rubbish', (t) => {
  t.deepEqual(keyBlocks(Buffer.from('rubbish')), []);
  t.deepEqual(keyBlocks(Buffer.alloc(0)), []);
  t.is(keyBlocks(Buffer.from([0x99, 1, 2])).length, 1);
});
