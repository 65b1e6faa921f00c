// Signs commits and summaries in a repository.

import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeFileAtomically } from '../../lib/files.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { readCommitObject } from '../repository/commit.ts';
import { readDetachedMetadata, writeDetachedMetadata } from '../repository/detached.ts';
import { addSignature } from './signature.ts';

export interface GpgSigner {
  readonly keyId: string;
  /** Folder of the keyring; null for the user's own. */
  readonly homedir: string | null;
}

export interface Signers {
  readonly gpg: GpgSigner | null;
  readonly ed25519: KeyObject | null;
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

export function gpgSignArgv(repo: string, checksum: string, { keyId, homedir }: GpgSigner): string[] {
  const home = homedir === null ? [] : [`--gpg-homedir=${homedir}`];
  return ['ostree', `--repo=${repo}`, 'gpg-sign', ...home, checksum, keyId];
}

/** Signing again with the same key changes nothing. */
export async function signCommitEd25519(repo: string, checksum: string, key: KeyObject): Promise<void> {
  const old = await readDetachedMetadata(repo, checksum);
  const signed = addSignature(old, await readCommitObject(repo, checksum), key);
  if (signed !== null) await writeDetachedMetadata(repo, checksum, signed);
}

/** The summary must have been written anew, which removes or replaces `summary.sig`. */
export async function signSummaryEd25519(repo: string, key: KeyObject): Promise<void> {
  const path = join(repo, 'summary.sig');
  const signed = addSignature(await readIfPresent(path), await readFile(join(repo, 'summary')), key);
  if (signed !== null) await writeFileAtomically(path, signed);
}
