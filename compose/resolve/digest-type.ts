// The digests that can vouch for a file, by the names that metadata gives them.

export type DigestType = 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Undefined for weak and unknown ones. */
export function digestType(name: string): DigestType | undefined {
  const lower = name.toLowerCase().replace('-', '');
  return lower === 'sha224' || lower === 'sha256' || lower === 'sha384' || lower === 'sha512' ? lower : undefined;
}
