// Says whether a commit, and the summary of its repository, carry a good signature of a given key.

import type { KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../lib/documents.ts';
import { readIfPresent } from '../../lib/files.ts';
import { dictionaryOf, readVariant } from '../../lib/gvariant.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { readCommitObject } from '../repository/commit.ts';
import { readDetachedMetadata } from '../repository/detached.ts';
import { gpgvArgv } from '../resolve/gpgv.ts';
import { keyBlocks } from '../resolve/keys.ts';
import { isSignedBy } from './signature.ts';

export interface Verifiers {
  readonly ed25519: KeyObject | null;
  /** File of public keys as `gpg --export` writes it, armored or not. */
  readonly gpgKeyring: string | null;
}

/** One signed thing: whether each key that was asked about signed it. Members are absent for keys that were not asked about. */
export interface SignatureVerdict {
  readonly ed25519?: boolean;
  readonly gpg?: boolean;
}

export interface SignatureReport {
  readonly kind: 'signature-report';
  readonly version: 1;
  readonly checksum: string;
  readonly commit: SignatureVerdict;
  /** Null when the repository has no summary. */
  readonly summary: SignatureVerdict | null;
  /** True when everything that is there is signed by every key. */
  readonly good: boolean;
}

/** A commit whose bytes do not hash to its checksum is not good either. */
export async function verifySignatures(
  repo: string,
  checksum: string,
  verifiers: Verifiers,
  context: EngineContext,
): Promise<SignatureReport> {
  const object = await readCommitObject(repo, checksum);
  const metadata = sha256(object) === checksum ? await readDetachedMetadata(repo, checksum) : undefined;
  const commit = await judge(object, metadata, verifiers, context);
  const summaryData = await readIfPresent(join(repo, 'summary'));
  const summary =
    summaryData === undefined
      ? null
      : await judge(summaryData, await readIfPresent(join(repo, 'summary.sig')), verifiers, context);
  const good = [...Object.values(commit), ...Object.values(summary ?? {})].every((verdict) => verdict === true);
  return { kind: 'signature-report', version: 1, checksum, commit, summary, good };
}

async function judge(
  data: Buffer,
  metadata: Buffer | undefined,
  { ed25519, gpgKeyring }: Verifiers,
  context: EngineContext,
): Promise<SignatureVerdict> {
  return {
    ...(ed25519 === null ? {} : { ed25519: metadata !== undefined && isSignedBy(metadata, data, ed25519) }),
    ...(gpgKeyring === null
      ? {}
      : { gpg: metadata !== undefined && (await gpgSigned(data, metadata, gpgKeyring, context)) }),
  };
}

async function gpgSigned(data: Buffer, metadata: Buffer, keyring: string, context: EngineContext): Promise<boolean> {
  const signatures = dictionaryOf(readVariant('a{sv}', metadata)).get('ostree.gpgsigs')?.value ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'slipway-gpgv-'));
  try {
    const [keyringFile, signatureFile, dataFile] = [
      join(folder, 'keys'),
      join(folder, 'signature'),
      join(folder, 'data'),
    ];
    await writeFile(keyringFile, Buffer.concat(keyBlocks(await readFile(keyring))));
    await writeFile(dataFile, data);
    for (const signature of signatures as readonly Uint8Array[]) {
      await writeFile(signatureFile, signature);
      const argv = gpgvArgv(keyringFile, signatureFile, dataFile);
      // 1: a bad signature; 2: no such key.
      const { exitCode } = await run(argv, { ...context.runOptions, okExitCodes: [0, 1, 2] });
      if (exitCode === 0) return true;
    }
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
