import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { tinyRef, tinyRepo } from '../compose/tiny-repo.ts';
import { slipway } from '../support/slipway.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

test('slipway compose publish, verify-signature, history, diff, promote, prune and sbom work from the command line', async (t) => {
  const tiny = await tinyRepo(t);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const [secret, open, to] = ['secret.pem', 'public.pem', 'www'].map((name) => join(tiny.folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(secret, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await writeFile(open, publicKey.export({ format: 'pem', type: 'spki' }));
  await tiny.commit({ files: { a: '1' }, version: '1', packages: ['app 1'] });
  const checksum = await tiny.commit({ files: { a: '2' }, version: '2', packages: ['app 2'] });
  const compose = async (...words: string[]) => {
    const { stdout, stderr, exitCode } = await slipway(['compose', ...words, '--json', '--quiet']);
    t.is(exitCode, 0, stderr);
    return JSON.parse(stdout);
  };
  const where = ['--repo', tiny.repo];
  const published = await compose('publish', ...where, '--ref', tinyRef, '--to', to, '--sign-ed25519-key', secret);
  t.like(published, { kind: 'published-commit', checksum, signatures: ['ed25519'] });
  t.like(await compose('verify-signature', tinyRef, '--repo', to, '--ed25519-key', open), { good: true });
  t.is((await compose('history', ...where, '--ref', tinyRef)).commits.length, 2);
  t.like(await compose('diff', '1', '2', ...where), {
    kind: 'commit-difference',
    packages: { added: [], removed: [] },
  });
  t.like(await compose('promote', '1', '--to', 'os/stable', ...where), { ref: 'os/stable', commitVersion: '1' });
  t.like(await compose('prune', '--keep', '1', ...where), { kind: 'pruned-repository' });
  t.is((await compose('sbom', tinyRef, ...where, '--format', 'cyclonedx')).bomFormat, 'CycloneDX');
  t.is((await compose('provenance', tinyRef, ...where, '--sign-ed25519-key', secret)).signatures.length, 1);
  const noKeyring = ['--gpg-sign', 'a', '--gpg-homedir', join(tiny.folder, 'none')];
  const refused = await slipway(['compose', 'promote', '1', '--to', 'os/next', ...where, ...noKeyring]);
  t.is(refused.stderr, `error: there is no GPG keyring folder ${join(tiny.folder, 'none')}\n`);
  const unsigned = await slipway(['compose', 'verify-signature', tinyRef, ...where, '--ed25519-key', open, '--quiet']);
  t.is(unsigned.exitCode, 1);
  t.is(unsigned.stdout, `commit ${checksum}: no good signature (ed25519)\nthe repository has no summary\n`);
});

test('slipway serve says where it listens and ends in order on Ctrl-C', async (t) => {
  const tiny = await tinyRepo(t);
  const child = spawn(process.execPath, [program, 'serve', tiny.repo, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  for await (const text of child.stderr.setEncoding('utf8')) {
    said += text;
    if (/on http:\/\/\S+;/.test(said)) break;
  }
  const url = /on (http:\/\/\S+);/.exec(said)?.[1];
  t.is((await fetch(`${url}/config`)).status, 200);
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  t.deepEqual(await ended, [0, null]);
});
