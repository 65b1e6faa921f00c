// What tests of publishing share: an archive repository beside a tiny one, and keys of both kinds.

import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { publishToArchive } from '../../../compose/publish/publish.ts';
import type { Signers } from '../../../compose/publish/sign.ts';
import { Events } from '../../../lib/events.ts';
import { run } from '../../../lib/run.ts';
import { type TinyRepo, tinyRef } from '../tiny-repo.ts';

export const noSigners: Signers = { gpg: null, ed25519: [], dropOthers: false };

/** Into `archive` in the tiny repository's folder, where nothing else is said. */
export function publish(tiny: TinyRepo, signers = noSigners, more: { commit?: string; to?: string } = {}) {
  const tools = { events: new Events(), signal: new AbortController().signal };
  const to = join(tiny.folder, 'archive');
  return publishToArchive({ repo: tiny.repo, ref: tinyRef, to, delta: true, signers, ...more }, tools);
}

/** A keyring folder with a secret key for each name, and a file of the public ones. */
export async function gpgHome(
  t: ExecutionContext,
  folder: string,
  ...names: string[]
): Promise<Record<'home' | 'keyring', string>> {
  const home = join(folder, 'gnupg');
  const keyring = join(folder, 'keys.asc');
  await mkdir(home, { mode: 0o700 });
  const gpg = ['gpg', '--homedir', home, '--batch', '--quiet'];
  t.teardown(() => run(['gpgconf', '--homedir', home, '--kill', 'all']));
  for (const name of names) {
    await run([...gpg, '--passphrase', '', '--quick-generate-key', name, 'ed25519', 'sign', 'never']);
  }
  await writeFile(keyring, (await run([...gpg, '--armor', '--export'])).stdout);
  return { home, keyring };
}

export interface KeyFiles {
  readonly secretPem: string;
  readonly secretBase64: string;
  readonly publicPem: string;
  readonly publicBase64: string;
}

export async function writeKeys(folder: string): Promise<KeyFiles> {
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
