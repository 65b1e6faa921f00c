// The OpenPGP signatures in OSTree's metadata, each judged by gpgv against given keys and nothing else.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dictionaryOf, readVariant } from '../../lib/gvariant.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { gpgvArgv } from '../resolve/gpgv.ts';

/** Key of detached metadata and of `summary.sig` that holds the signatures, of type `aay`. */
export const gpgSignatureKey = 'ostree.gpgsigs';

/**
 * For each GPG signature in metadata of type `a{sv}` whether it is a good one over `data` by one of the keys.
 * @param keys OpenPGP packets of public keys, not armored
 */
export async function judgeGpgSignatures(
  metadata: Uint8Array,
  data: Uint8Array,
  keys: Uint8Array,
  context: EngineContext,
): Promise<boolean[]> {
  const found = dictionaryOf(readVariant('a{sv}', metadata)).get(gpgSignatureKey)?.value ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'slipway-gpgv-'));
  const [keyring, signatureFile, dataFile] = [join(folder, 'keys'), join(folder, 'signature'), join(folder, 'data')];
  try {
    await writeFile(keyring, keys);
    await writeFile(dataFile, data);
    const verdicts: boolean[] = [];
    for (const signature of found as readonly Uint8Array[]) {
      await writeFile(signatureFile, signature);
      const argv = gpgvArgv(keyring, signatureFile, dataFile);
      // 1: a bad signature; 2: no such key.
      const { exitCode } = await run(argv, { ...context.runOptions, okExitCodes: [0, 1, 2] });
      verdicts.push(exitCode === 0);
    }
    return verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
