// Signs commits and summaries in a repository.

import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError, UserError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { readCommitObject } from '../repository/commit.ts';
import { addDetachedMetadata, addToMetadataFile } from '../repository/detached.ts';
import { keyBlocks } from '../resolve/keys.ts';
import { signaturesOver } from './signature.ts';

export interface GpgSigner {
  /** At least one. */
  readonly keyIds: readonly string[];
  /** Folder of the keyring; null for the user's own. */
  readonly homedir: string | null;
}

export interface Signers {
  readonly gpg: GpgSigner | null;
  /** Secret keys. */
  readonly ed25519: readonly KeyObject[];
  /** Whether the summary may lose signatures of keys that are not among these. */
  readonly dropOthers: boolean;
}

/** GPGME, which ostree asks for keys, looks up nothing shorter. */
const shortestKeyId = 8;

/** Before any work. @throws UserError `gpg-key-unusable` that names the key which the keyring does not have, or which cannot sign */
export async function requireGpgKeys({ keyIds, homedir }: GpgSigner, context: EngineContext): Promise<void> {
  const where = homedir === null ? '' : ` --homedir ${homedir}`;
  for (const keyId of keyIds) {
    if (keyId.length < shortestKeyId) {
      throw new UserError('gpg-key-unusable', `"${keyId}" is too short for a GPG key`, {
        hint: `give the id of at least ${shortestKeyId} digits, the fingerprint or the mail address of a key in \`gpg${where} --list-secret-keys\``,
      });
    }
    const { stdout } = await run(listSecretKeysArgv(keyId, homedir), context.runOptions).catch((cause: unknown) => {
      if (!(cause instanceof ToolError)) throw cause;
      throw new UserError('gpg-key-unusable', `GPG has no secret key ${keyId}`, {
        hint: `it is to be one of \`gpg${where} --list-secret-keys\``,
        cause,
      });
    });
    const reason = whyUnableToSign(stdout);
    if (reason === null) continue;
    throw new UserError('gpg-key-unusable', `the GPG key ${keyId} cannot sign: it ${reason}`, {
      hint: `\`gpg${where} --list-secret-keys\` tells which can`,
    });
  }
}

export function listSecretKeysArgv(keyId: string, homedir: string | null): string[] {
  const home = homedir === null ? [] : [`--homedir=${homedir}`];
  return ['gpg', ...home, '--batch', '--quiet', '--with-colons', '--list-secret-keys', '--', keyId];
}

/** @param listing of secret keys in gpg's form for programs; source: doc/DETAILS of GnuPG */
function whyUnableToSign(listing: string): string | null {
  const fields = listing.split('\n').map((line) => line.split(':'));
  const keys = fields.filter(([type]) => type === 'sec');
  if (keys.some((key) => key[11]?.includes('S'))) return null; // of the whole key, subkeys and all
  const validity = new Set(keys.map((key) => key[1]));
  return validity.has('r') ? 'is revoked' : validity.has('e') ? 'has expired' : 'is not made for that';
}

/** Signing again with the same key changes nothing. */
export async function gpgSignCommit(
  repo: string,
  checksum: string,
  signer: GpgSigner,
  context: EngineContext,
): Promise<void> {
  await run(gpgSignArgv(repo, checksum, signer), context.runOptions);
}

export function gpgSignArgv(repo: string, checksum: string, { keyIds, homedir }: GpgSigner): string[] {
  const home = homedir === null ? [] : [`--gpg-homedir=${homedir}`];
  return ['ostree', `--repo=${repo}`, 'gpg-sign', ...home, checksum, ...keyIds];
}

/** The public keys of the signer, as packets; a key that the keyring lacks is left out. */
export async function exportGpgKeys({ keyIds, homedir }: GpgSigner, context: EngineContext): Promise<Buffer> {
  const home = homedir === null ? [] : [`--homedir=${homedir}`];
  const argv = ['gpg', ...home, '--batch', '--quiet', '--armor', '--export', ...keyIds];
  return Buffer.concat(keyBlocks(Buffer.from((await run(argv, context.runOptions)).stdout)));
}

/** Signing again with the same key changes nothing. */
export async function signCommitEd25519(repo: string, checksum: string, keys: readonly KeyObject[]): Promise<void> {
  await addDetachedMetadata(repo, checksum, signaturesOver(await readCommitObject(repo, checksum), keys));
}

/** The summary must have been written anew, which removes or replaces `summary.sig`. */
export async function signSummaryEd25519(repo: string, keys: readonly KeyObject[]): Promise<void> {
  const signatures = signaturesOver(await readFile(join(repo, 'summary')), keys);
  await addToMetadataFile(join(repo, 'summary.sig'), signatures);
}
