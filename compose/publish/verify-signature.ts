// Says whether a commit, and the summary of its repository, carry a good signature of a given key.

import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { readIfPresent } from '../../lib/files.ts';
import { objectPath } from '../../lib/ostree-objects.ts';
import type { EngineContext } from '../context.ts';
import { readCommitObject } from '../repository/commit.ts';
import { parseMetadata } from '../repository/detached.ts';
import { keyBlocks } from '../resolve/keys.ts';
import { judgeGpgSignatures } from './gpg-signatures.ts';
import { isSignedBy, unreadableKey } from './signature.ts';

export interface Verifiers {
  readonly ed25519: KeyObject | null;
  /** Packets of OpenPGP public keys, as `readKeyring()` gives them. */
  readonly gpgKeys: Buffer | null;
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
  /** Why there is no good signature where there are some, in words. */
  readonly problems: readonly string[];
}

/**
 * Reads public keys as `gpg --export` writes them, armored or not.
 * @throws UserError `key-unreadable`
 */
export async function readKeyring(path: string): Promise<Buffer> {
  const content = await readFile(path).catch((cause: unknown) => {
    throw unreadableKey('keyring', path, cause);
  });
  const blocks = keyBlocks(content);
  if (blocks.length > 0) return Buffer.concat(blocks);
  throw new UserError('key-unreadable', `${path} holds no OpenPGP public key`, {
    hint: '`gpg --export KEYID > FILE` writes such a file',
  });
}

/** A commit whose bytes do not hash to its checksum is not good either. */
export async function verifySignatures(
  repo: string,
  checksum: string,
  verifiers: Verifiers,
  context: EngineContext,
): Promise<SignatureReport> {
  const object = await readCommitObject(repo, checksum);
  const metadata = sha256(object) === checksum ? objectPath(repo, checksum, 'commitmeta') : null;
  const commit = await judge('commit', object, metadata, verifiers, context);
  const summaryData = await readIfPresent(join(repo, 'summary'));
  const summary =
    summaryData === undefined
      ? null
      : await judge('summary', summaryData, join(repo, 'summary.sig'), verifiers, context);
  const judged = summary === null ? [commit] : [commit, summary];
  return {
    kind: 'signature-report',
    version: 1,
    checksum,
    commit: commit.verdict,
    summary: summary?.verdict ?? null,
    good: judged.every(({ verdict }) => Object.values(verdict).every((each) => each === true)),
    problems: judged.flatMap(({ problems }) => problems),
  };
}

interface Judged {
  readonly verdict: SignatureVerdict;
  readonly problems: readonly string[];
}

/** @param path of the file with the signatures; null when there can be no good one */
async function judge(
  what: 'commit' | 'summary',
  data: Buffer,
  path: string | null,
  { ed25519, gpgKeys }: Verifiers,
  context: EngineContext,
): Promise<Judged> {
  const bytes = path === null ? undefined : await readIfPresent(path);
  const metadata = parseMetadata(bytes ?? new Uint8Array());
  const refusals =
    gpgKeys === null || metadata === null ? [] : await judgeGpgSignatures(metadata, data, gpgKeys, context);
  const gpg = refusals.includes(null);
  const problems = metadata === null ? [`no signature can be read, ${path} is damaged`] : gpg ? [] : refusals;
  return {
    verdict: {
      ...(ed25519 === null ? {} : { ed25519: metadata !== null && isSignedBy(metadata, data, ed25519) }),
      ...(gpgKeys === null ? {} : { gpg }),
    },
    problems: problems.map((problem) => `${what}: ${problem}`),
  };
}
