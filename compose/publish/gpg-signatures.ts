// The OpenPGP signatures in OSTree's metadata, each judged by gpgv against given keys and nothing else.

import type { EngineContext } from '../context.ts';
import { type DetachedMetadata, signaturesIn } from '../repository/detached.ts';
import { judgeDetached } from '../resolve/gpgv.ts';

/** Key of detached metadata and of `summary.sig` that holds the signatures, of type `aay`. */
export const gpgSignatureKey = 'ostree.gpgsigs';

/**
 * For each GPG signature in metadata null when it is a good one over `data` by one of the keys, else why it is not, in words.
 * @param keys OpenPGP packets of public keys, not armored
 */
export async function judgeGpgSignatures(
  metadata: DetachedMetadata,
  data: Uint8Array,
  keys: Uint8Array,
  context: EngineContext,
): Promise<(string | null)[]> {
  return judgeDetached(data, signaturesIn(metadata, gpgSignatureKey), keys, context.runOptions);
}
