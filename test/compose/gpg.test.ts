import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { miniDistribution } from './mini-distribution.ts';

test('gpg-key signs the commit with a key of the caller; without the key nothing is begun', async (t) => {
  const mini = await miniDistribution(t, [], { 'gpg-key': 'nobody@example.com' });
  const home = join(mini.folder, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  process.env.GNUPGHOME = home;
  t.teardown(() => run(['gpgconf', '--kill', 'all'], { env: { GNUPGHOME: home } }));
  const error = await t.throwsAsync(mini.compose());
  t.like(error, { code: 'gpg-key-unusable' });
  t.is(error?.message, 'GPG has no secret key nobody@example.com');
  t.false(existsSync(join(mini.folder, 'repo')));

  await run(['gpg', '--batch', '--passphrase', '', '--quick-gen-key', 'composer@example.com', 'ed25519', 'sign']);
  await mini.treefile({ 'gpg-key': 'composer@example.com' });
  const { repo, checksum } = await mini.compose();
  const key = join(mini.folder, 'key.gpg');
  await run(['gpg', '--batch', '--output', key, '--export', 'composer@example.com']);
  const remote = ['ostree', `--repo=${repo}`, 'remote', 'add', '--no-sign-verify', `--gpg-import=${key}`, 'self'];
  await run([...remote, `file://${repo}`]);
  const { stdout } = await run(['ostree', `--repo=${repo}`, 'show', '--gpg-verify-remote=self', checksum]);
  t.regex(stdout, /Good signature from " ?<composer@example\.com>/);
});
