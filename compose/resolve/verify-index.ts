// The signature of a repository's index, which `repo_gpgcheck` asks for: fetched and judged.

import { UserError } from '../../lib/errors.ts';
import { judgeDetached } from './gpgv.ts';
import { holdsSignature, loadKeys } from './keys.ts';
import { fetchIndexFile } from './mirrors.ts';
import { settingProblem } from './repo-config.ts';
import type { RepoSession } from './session.ts';

/** @throws DiagnosticsError when there is no signature or no key, UserError `metadata-signature` when it is not by one of the keys */
export async function verifyIndex(session: RepoSession, baseUrls: readonly string[], index: Buffer): Promise<void> {
  const { repo, signal } = session;
  const signature = await fetchSignature(session, baseUrls);
  const { binary: keys } = await loadKeys(repo, session);
  const [refusal = null] = await judgeDetached(index, [signature], keys, { signal });
  if (refusal === null) return;
  throw new UserError(
    'metadata-signature',
    `repomd.xml of the repository ${repo.id} has no valid signature: ${refusal}`,
    { hint: 'the repository was tampered with, or gpgkey does not name the key that signs it now' },
  );
}

/** Many repositories sign their packages only, so a signature that is not there is no sign of a wrong URL. */
async function fetchSignature(session: RepoSession, baseUrls: readonly string[]): Promise<Buffer> {
  const refuse = (content: Buffer): string | null => (holdsSignature(content) ? null : 'it holds no OpenPGP signature');
  try {
    return await fetchIndexFile(session, baseUrls, 'repomd.xml.asc', refuse);
  } catch (error) {
    if (!(error instanceof UserError) || !['repo-unreachable', 'download-failed'].includes(error.code)) throw error;
    throw settingProblem(session.repo, 'repo_gpgcheck', {
      code: 'metadata-signature',
      message: error.message,
      hint: 'sign it with `gpg --armor --detach-sign repomd.xml`, or write repo_gpgcheck=0 where nobody signs it',
    });
  }
}
