// The options of every command that signs, and what they mean.

import { resolve } from 'node:path';
import type { Signers } from '../compose/publish/sign.ts';
import { readSecretKey } from '../compose/publish/signature.ts';
import { UserError } from '../lib/errors.ts';

export const signingOptions = {
  'gpg-sign': { type: 'string', describe: 'Sign with this GPG key' },
  'gpg-homedir': { type: 'string', describe: 'GPG keyring folder (default: your own)' },
  'sign-ed25519-key': { type: 'string', describe: 'Sign with the secret key in this file (PEM, or as `ostree sign`)' },
} as const;

/** @throws UserError `usage`, `key-unreadable` */
export async function readSigners(argv: {
  readonly gpgSign: string | undefined;
  readonly gpgHomedir: string | undefined;
  readonly signEd25519Key: string | undefined;
}): Promise<Signers> {
  const { gpgSign: keyId, gpgHomedir, signEd25519Key } = argv;
  if (gpgHomedir !== undefined && keyId === undefined) {
    throw new UserError('usage', '--gpg-homedir has a meaning only together with --gpg-sign');
  }
  const homedir = gpgHomedir === undefined ? null : resolve(gpgHomedir);
  return {
    gpg: keyId === undefined ? null : { keyId, homedir },
    ed25519: signEd25519Key === undefined ? null : await readSecretKey(signEd25519Key),
  };
}
