// The options of every command that signs, and what they mean.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Signers } from '../compose/publish/sign.ts';
import { readSecretKey } from '../compose/publish/signature.ts';
import { UserError } from '../lib/errors.ts';

const signEd25519Key = 'Sign with the secret key in this file (PEM, or as `ostree sign`)';

export const signingOptions = {
  'gpg-sign': { type: 'string', array: true, nargs: 1, describe: 'Sign with this GPG key; may be repeated' },
  'gpg-homedir': { type: 'string', describe: 'GPG keyring folder (default: your own)' },
  'sign-ed25519-key': { type: 'string', array: true, nargs: 1, describe: `${signEd25519Key}; may be repeated` },
  'drop-other-signatures': {
    type: 'boolean',
    default: false,
    describe: 'Let the summary lose signatures of keys that are not given',
  },
} as const;

/** Of commands that sign one document, with one key. */
export const signingKeyOption = { type: 'string', describe: signEd25519Key } as const;

/** @throws UserError `usage`, `path-unusable`, `key-unreadable` */
export async function readSigners(argv: {
  readonly gpgSign: readonly string[] | undefined;
  readonly gpgHomedir: string | undefined;
  readonly signEd25519Key: readonly string[] | undefined;
  readonly dropOtherSignatures: boolean;
}): Promise<Signers> {
  const { gpgSign: keyIds, gpgHomedir, signEd25519Key: keyFiles = [], dropOtherSignatures: dropOthers } = argv;
  if (gpgHomedir !== undefined && keyIds === undefined) {
    throw new UserError('usage', '--gpg-homedir has a meaning only together with --gpg-sign');
  }
  if (gpgHomedir !== undefined && !existsSync(gpgHomedir)) {
    throw new UserError('path-unusable', `there is no GPG keyring folder ${gpgHomedir}`);
  }
  const homedir = gpgHomedir === undefined ? null : resolve(gpgHomedir);
  return {
    gpg: keyIds === undefined ? null : { keyIds, homedir },
    ed25519: await Promise.all(keyFiles.map(readSecretKey)),
    dropOthers,
  };
}
