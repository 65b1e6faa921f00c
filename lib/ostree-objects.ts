// How OSTree repositories keep objects, as far as hosts and composes both read them (ostree-core.h).

import { join } from 'node:path';
import type { Variant } from './gvariant.ts';

/** `file` is that of bare repositories, `filez` that of archives; all others are the same in every mode. */
export type ObjectKind = 'commit' | 'commitmeta' | 'dirtree' | 'dirmeta' | 'file' | 'filez';

export function objectPath(repo: string, checksum: string, kind: ObjectKind): string {
  return join(repo, 'objects', checksum.slice(0, 2), `${checksum.slice(2)}.${kind}`);
}

/** Whether a text can be the name of an object: after a power cut a ref may hold none. */
export function isChecksum(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Metadata, parent, related objects, subject, body, time, root dirtree, root dirmeta. */
export const commitType = '(a{sv}aya(say)sstayay)';

export interface PackageIdentity {
  readonly name: string;
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
}

/** The packages that a commit says it is made of, as rpm-ostree writes them; empty when it does not say. */
export function packagesIn(metadata: ReadonlyMap<string, Variant>): PackageIdentity[] {
  const list = metadata.get('rpmostree.rpmdb.pkglist');
  if (list?.type !== 'a(sssss)') return [];
  return (list.value as readonly (readonly string[])[]).map(
    ([name = '', epoch = '', version = '', release = '', arch = '']) => ({
      name,
      epoch: Number(epoch),
      version,
      release,
      arch,
    }),
  );
}
