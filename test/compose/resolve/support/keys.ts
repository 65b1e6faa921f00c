// Throw-away OpenPGP keys for tests: made by gpg in a folder of their own, used by gpg and rpmsign.

import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { run } from '../../../../lib/run.ts';

export interface TestKey {
  /** Path of the ASCII-armored public key. */
  readonly publicKey: string;
  /** Makes a detached armored signature beside `file`, called `file.asc`. */
  signDetached(file: string): Promise<void>;
  signRpm(file: string): Promise<void>;
  /** From then on its public key says so. */
  revoke(): Promise<void>;
}

/** @param validity of the key, which is made and signs at the beginning of 2020 unless it is `never` */
export async function makeKey(t: ExecutionContext, name: string, validity: 'never' | '1m' = 'never'): Promise<TestKey> {
  // Not below a test's own folder: gpg-agent's socket path must be short.
  const home = await mkdtemp(join(tmpdir(), 'slipway-gpg-'));
  t.teardown(async () => {
    await run(['gpgconf', '--homedir', home, '--kill', 'all']);
    await rm(home, { recursive: true, force: true });
  });
  const time = validity === 'never' ? [] : ['--faked-system-time', '20200101T000000'];
  const gpg = ['gpg', '--homedir', home, ...time, '--batch', '--pinentry-mode', 'loopback', '--passphrase', ''];
  await run([...gpg, '--quick-generate-key', `${name}@test.invalid`, 'rsa2048', 'sign', validity]);
  const publicKey = join(home, 'public.asc');
  const exportKey = () => run([...gpg, '--yes', '--armor', '--output', publicKey, '--export']);
  await exportKey();
  return {
    publicKey,
    signDetached: async (file) => {
      await rm(`${file}.asc`, { force: true });
      await run([...gpg, '--armor', '--output', `${file}.asc`, '--detach-sign', file]);
    },
    signRpm: async (file) => {
      // Debian names gpg2 there, which it no longer has.
      const macros = ['__gpg /usr/bin/gpg', `_gpg_path ${home}`, `_gpg_name ${name}@test.invalid`];
      await run(['rpmsign', ...macros.flatMap((macro) => ['--define', macro]), '--addsign', file]);
    },
    revoke: async () => {
      await importRevocations(home);
      await exportKey();
    },
  };
}

/** Revokes all keys of a keyring by the certificates that gpg has made with them. */
export async function importRevocations(home: string): Promise<void> {
  const folder = join(home, 'openpgp-revocs.d');
  for (const name of await readdir(folder)) {
    const guarded = await readFile(join(folder, name), 'utf8'); // a colon keeps it from being imported by mistake
    const input = guarded.replace(/^:(?=-----BEGIN)/m, '');
    await run(['gpg', '--homedir', home, '--batch', '--quiet', '--import'], { input });
  }
}

/** The binary form of an armored public key. */
export async function binaryKey(t: ExecutionContext, armored: string, target: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-gpg-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  await mkdir(home, { recursive: true });
  await run(['gpg', '--homedir', home, '--batch', '--output', target, '--dearmor', armored]);
  await readFile(target);
}
