// Detached OpenPGP signatures, judged by gpgv against given keys and nothing else.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, type RunResult, run } from '../../lib/run.ts';

/**
 * For each detached signature null when it is a good one over `data` by one of the keys, else why it is not, in words.
 * @param keys OpenPGP packets of public keys, not armored
 */
export async function judgeDetached(
  data: Uint8Array,
  signatures: readonly Uint8Array[],
  keys: Uint8Array,
  options: RunOptions,
): Promise<(string | null)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-gpgv-'));
  const [keyring, signatureFile, dataFile] = [join(folder, 'keys'), join(folder, 'signature'), join(folder, 'data')];
  try {
    await writeFile(keyring, keys);
    await writeFile(dataFile, data);
    const verdicts: (string | null)[] = [];
    for (const signature of signatures) {
      await writeFile(signatureFile, signature);
      const argv = gpgvArgv(keyring, signatureFile, dataFile);
      // 1: a bad signature; 2: no such key.
      verdicts.push(refusalIn(await run(argv, { ...options, okExitCodes: [0, 1, 2] })));
    }
    return verdicts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function gpgvArgv(keyring: string, signature: string, data: string): string[] {
  return ['gpgv', '--status-fd=1', '--keyring', keyring, signature, data];
}

/** By gpgv's word for it; source: doc/DETAILS of GnuPG. */
const refusals: Readonly<Record<string, (key: string) => string>> = {
  REVKEYSIG: (key) => `the key ${key} is revoked`,
  EXPKEYSIG: (key) => `the key ${key} has expired`,
  EXPSIG: (key) => `the signature by the key ${key} has expired`,
};

/**
 * gpgv ends with 0 also where the key is revoked or has expired, and calls such a signature valid, but not good. Whenever it was made, dnf and
 * ostree refuse it: its time is the word of whoever has the key.
 */
function refusalIn({ exitCode, stdout, stderr }: RunResult): string | null {
  const status = [...stdout.matchAll(/^\[GNUPG:\] (\w+) ?(.*)$/gm)].map(([, word = '', rest = '']) => ({ word, rest }));
  if (exitCode === 0 && status.some(({ word }) => word === 'GOODSIG')) return null;
  const told = status.flatMap(({ word, rest }) => refusals[word]?.(rest) ?? []);
  if (told.length > 0) return told.join('; ');
  return stderr
    .trim()
    .replace(/^gpgv: /gm, '')
    .split('\n')
    .join('; ');
}
