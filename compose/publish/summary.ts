// The summary of a published repository: the signed list of its refs and static deltas that clients read first.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { readIfPresent, writeFileAtomically } from '../../lib/files.ts';
import { readVariant, writeVariant } from '../../lib/gvariant.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { parseMetadata } from '../repository/detached.ts';
import { judgeGpgSignatures } from './gpg-signatures.ts';
import { exportGpgKeys, requireGpgKeys, type Signers, signSummaryEd25519 } from './sign.ts';
import { judgeSignatures } from './signature.ts';

/**
 * Writes the summary anew and signs it with the keys that sign commits. Until that is done, what it was stays known to `requireSummaryKeys()`:
 * a run that is killed may leave a summary without signatures, or with those of the old one.
 */
export async function writeSummary(repo: string, signers: Signers, context: EngineContext): Promise<void> {
  const before = await readSignedSummary(repo);
  const kept = join(repo, keptSummary);
  if (before !== null) await writeFileAtomically(kept, writeVariant(signedSummaryType, before));
  await run(summaryArgv(repo, signers), context.runOptions);
  await signSummaryEd25519(repo, signers.ed25519);
  await rm(kept, { force: true });
}

export function summaryArgv(repo: string, { gpg }: Pick<Signers, 'gpg'>): string[] {
  return [
    ...['ostree', `--repo=${repo}`, 'summary', '--update'],
    ...(gpg === null ? [] : gpg.keyIds.map((keyId) => `--gpg-sign=${keyId}`)),
    ...(gpg === null || gpg.homedir === null ? [] : [`--gpg-homedir=${gpg.homedir}`]),
  ];
}

/**
 * Changes refs or commits of a repository and brings its summary, if it has one, up to date.
 * @throws UserError those of requireSummaryKeys(), before any change
 */
export async function changeWithSummary(
  repo: string,
  signers: Signers,
  context: EngineContext,
  change: () => Promise<void>,
): Promise<void> {
  await requireSummaryKeys(repo, signers, context);
  const isServed = existsSync(join(repo, 'summary'));
  await change();
  if (isServed) await writeSummary(repo, signers, context);
}

/**
 * Before any change.
 * @throws UserError `gpg-key-unusable`; `summary-signed` when writing the summary anew would lose the signature of a key that is not given
 */
export async function requireSummaryKeys(repo: string, signers: Signers, context: EngineContext): Promise<void> {
  if (signers.gpg !== null) await requireGpgKeys(signers.gpg, context);
  const signed = await readSignedSummary(repo);
  if (signed === null || signers.dropOthers) return;
  const [summary, signatures] = signed;
  if (signers.gpg === null && signers.ed25519.length === 0) {
    throw new UserError('summary-signed', `the summary of ${repo} is signed, and would no longer be`, {
      hint: 'give --sign-ed25519-key or --gpg-sign with the key that signs it',
    });
  }
  const metadata = parseMetadata(signatures);
  if (metadata === null) {
    throw new UserError('summary-signed', `the signatures of the summary of ${repo} are damaged, and would be lost`, {
      hint: '--drop-other-signatures writes the summary anew without them',
    });
  }
  const gpgKeys = signers.gpg === null ? Buffer.alloc(0) : await exportGpgKeys(signers.gpg, context);
  const gpgVerdicts = await judgeGpgSignatures(metadata, summary, gpgKeys, context);
  const lost = [
    ...(gpgVerdicts.some((refusal) => refusal !== null) ? ['a GPG key'] : []),
    ...(judgeSignatures(metadata, summary, signers.ed25519).includes(false) ? ['an Ed25519 key'] : []),
  ];
  if (lost.length === 0) return;
  const message = `the summary of ${repo} is signed with ${lost.join(' and ')} not given here, and would no longer be`;
  throw new UserError('summary-signed', message, {
    hint: 'give all its keys, --sign-ed25519-key and --gpg-sign as often as need be, or --drop-other-signatures',
  });
}

/** The summary and `summary.sig`, as they were before it was written anew. */
const keptSummary = '.slipway-summary';
const signedSummaryType = '(ayay)';

type SignedSummary = readonly [summary: Uint8Array, signatures: Uint8Array];

/** The last summary that was signed to the end; null where none is signed. */
async function readSignedSummary(repo: string): Promise<SignedSummary | null> {
  const [kept, summary, signatures] = await Promise.all(
    [keptSummary, 'summary', 'summary.sig'].map((at) => readIfPresent(join(repo, at))),
  );
  if (kept !== undefined) return readVariant(signedSummaryType, kept) as unknown as SignedSummary;
  return summary === undefined || signatures === undefined ? null : [summary, signatures];
}
