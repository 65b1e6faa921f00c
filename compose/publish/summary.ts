// The summary of a published repository: the signed list of its refs and static deltas that clients read first.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { type Signers, signSummaryEd25519 } from './sign.ts';

/** Writes the summary anew and signs it with the keys that sign commits. */
export async function writeSummary(repo: string, signers: Signers, context: EngineContext): Promise<void> {
  await run(summaryArgv(repo, signers), context.runOptions);
  if (signers.ed25519 !== null) await signSummaryEd25519(repo, signers.ed25519);
}

export function summaryArgv(repo: string, { gpg }: Pick<Signers, 'gpg'>): string[] {
  return [
    ...['ostree', `--repo=${repo}`, 'summary', '--update'],
    ...(gpg === null ? [] : [`--gpg-sign=${gpg.keyId}`]),
    ...(gpg === null || gpg.homedir === null ? [] : [`--gpg-homedir=${gpg.homedir}`]),
  ];
}

/**
 * Changes refs or commits of a repository and brings its summary, if it has one, up to date.
 * @throws UserError `summary-signed`, before any change, when the signature of the summary would be lost for want of a key
 */
export async function changeWithSummary(
  repo: string,
  signers: Signers,
  context: EngineContext,
  change: () => Promise<void>,
): Promise<void> {
  requireSummaryKey(repo, signers);
  const isServed = existsSync(join(repo, 'summary'));
  await change();
  if (isServed) await writeSummary(repo, signers, context);
}

/** @throws UserError `summary-signed` when writing the summary anew would lose its signature for want of a key */
export function requireSummaryKey(repo: string, signers: Signers): void {
  const isSigned = ['summary', 'summary.sig'].every((name) => existsSync(join(repo, name)));
  if (!isSigned || signers.gpg !== null || signers.ed25519 !== null) return;
  throw new UserError('summary-signed', `the summary of ${repo} is signed, and would no longer be`, {
    hint: 'give --sign-ed25519-key or --gpg-sign with the key that signs it',
  });
}
