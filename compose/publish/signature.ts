// Ed25519 signatures as OSTree makes and checks them, made by Node so that they do not depend on how the machine's ostree was built, and
// so that no secret is ever a word of a command line. Source: ostree-sign-ed25519.c and ostree-sign.c of libostree.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UserError } from '../../lib/errors.ts';
import { whyUnreadable } from '../../lib/file-system-error.ts';
import { type DetachedMetadata, signaturesIn } from '../repository/detached.ts';

/** Key of detached metadata and of `summary.sig` that holds the signatures, of type `aay`. */
export const signatureKey = 'ostree.sign.ed25519';

/** DER in front of the 32 bytes of a key: PKCS #8 and SubjectPublicKeyInfo with the algorithm 1.3.101.112 (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads a secret key: PEM (`openssl genpkey -algorithm ed25519`), or base64 of the 64 bytes seed and public key, as `ostree sign` takes it.
 * @throws UserError `key-unreadable` that names the file, never its content
 */
export async function readSecretKey(path: string): Promise<KeyObject> {
  return readKey(path, 'secret', (text) => {
    if (text.startsWith('-----BEGIN')) return createPrivateKey(text);
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length !== 64) return null;
    return createPrivateKey({
      key: Buffer.concat([privatePrefix, bytes.subarray(0, 32)]),
      format: 'der',
      type: 'pkcs8',
    });
  });
}

/** Reads a public key: PEM, or base64 of its 32 bytes. */
export async function readPublicKey(path: string): Promise<KeyObject> {
  return readKey(path, 'public', (text) => {
    if (text.startsWith('-----BEGIN PUBLIC')) return createPublicKey(text);
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length !== 32) return null;
    return createPublicKey({ key: Buffer.concat([publicPrefix, bytes]), format: 'der', type: 'spki' });
  });
}

/** A signature of each key over `data`, as metadata. */
export function signaturesOver(data: Uint8Array, keys: readonly KeyObject[]): DetachedMetadata {
  const signatures = keys.map((key) => sign(null, data, key)); // deterministic (RFC 8032)
  return new Map(keys.length === 0 ? [] : [[signatureKey, { type: 'aay', value: signatures }]]);
}

/** For each Ed25519 signature in metadata whether it is that of one of the keys over `data`. */
export function judgeSignatures(metadata: DetachedMetadata, data: Uint8Array, keys: readonly KeyObject[]): boolean[] {
  const signatures = signaturesIn(metadata, signatureKey);
  return signatures.map((signature) => keys.some((key) => verify(null, data, key, signature)));
}

/** Whether one of the signatures in `metadata` is that of the key over `data`. */
export function isSignedBy(metadata: DetachedMetadata, data: Uint8Array, key: KeyObject): boolean {
  return judgeSignatures(metadata, data, [key]).includes(true);
}

/** @param what fits behind "the" */
export function unreadableKey(what: string, path: string, cause: unknown): UserError {
  return new UserError('key-unreadable', `the ${what} ${path} cannot be read: ${whyUnreadable(cause)}`, { cause });
}

const formOfKey = {
  secret:
    'it is PEM as `openssl genpkey -algorithm ed25519` writes it, without a passphrase, or base64 as `ostree sign` takes it',
  public:
    'it is PEM as `openssl pkey -in key.pem -pubout -out key.pub` writes it from the secret key, or base64 of its 32 bytes',
} as const;

async function readKey(
  path: string,
  kind: keyof typeof formOfKey,
  parse: (text: string) => KeyObject | null,
): Promise<KeyObject> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadableKey(`${kind} key`, path, cause);
  });
  let key: KeyObject | null = null;
  try {
    key = parse(text.trim());
  } catch {} // a public key where a secret one is due, or one with a passphrase: OpenSSL has no words for that
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new UserError('key-unreadable', `${path} holds no ${kind} Ed25519 key`, { hint: formOfKey[kind] });
}
