// Detached OpenPGP signatures (repomd.xml.asc) judged by gpgv against a repository's own keys and nothing else.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ToolError, UserError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import type { KeySet } from './keys.ts';

export function gpgvArgv(keyring: string, signature: string, data: string): string[] {
  return ['gpgv', '--keyring', keyring, signature, data];
}

/** @throws UserError `metadata-signature` with gpgv's own words when no key of the set made the signature. */
export async function verifyDetached(
  repo: string,
  data: Buffer,
  signature: Buffer,
  keys: KeySet,
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-gpgv-'));
  try {
    const [keyring, signatureFile, dataFile] = ['keyring.gpg', 'signature', 'data'].map((name) => join(folder, name));
    await writeFile(keyring!, keys.binary);
    await writeFile(signatureFile!, signature);
    await writeFile(dataFile!, data);
    await run(gpgvArgv(keyring!, signatureFile!, dataFile!), { signal });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const said = error.output
      .replace(/^gpgv: /gm, '')
      .split('\n')
      .join('; ');
    throw new UserError('metadata-signature', `repomd.xml of the repository ${repo} has no valid signature: ${said}`, {
      hint: 'the repository was tampered with, or gpgkey does not name the key that signs it',
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
