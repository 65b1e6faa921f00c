// The package lock: the third document of the chain, and the only one that depends on the outside world.

import type { Advisory } from '../../lib/advisories.ts';
import type { DocumentHeader } from '../../lib/documents.ts';

export interface LockedPackage {
  readonly name: string;
  readonly epoch: number;
  /** Version and release as in the RPM header, without the epoch. */
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  /** Digest of the whole RPM file as the repository's metadata gives it. */
  readonly checksum: { readonly type: 'sha256' | 'sha512' | 'sha384' | 'sha224'; readonly value: string };
  /** Size of the RPM file in bytes. */
  readonly size: number;
  /** Id of the repository that it comes from. */
  readonly repo: string;
  /** Absolute URL: `file:///…`, `http://…` or `https://…`. */
  readonly url: string;
  /** File name of the source package; absent when the repository does not say. */
  readonly sourcerpm?: string;
}

export interface LockedRepo {
  readonly id: string;
  /** SHA-256 of repomd.xml. */
  readonly repomdDigest: string;
  readonly revision: string;
  /** When its newest metadata was made, in seconds since 1970; absent when it does not say. */
  readonly generated?: number;
}

export interface PackageLock extends DocumentHeader {
  readonly kind: 'package-lock';
  readonly version: 1;
  readonly arch: string;
  /** Sorted by name, then arch. */
  readonly packages: readonly LockedPackage[];
  readonly repos: readonly LockedRepo[];
  /** Those that concern the packages, sorted by id; absent when nobody asked for them. */
  readonly advisories?: readonly Advisory[];
}

/** `name-[epoch:]version-release.arch`; an epoch of 0 is left out, as rpm and dnf print it. */
export function nevra(locked: Pick<LockedPackage, 'name' | 'epoch' | 'version' | 'release' | 'arch'>): string {
  const epoch = locked.epoch === 0 ? '' : `${locked.epoch}:`;
  return `${locked.name}-${epoch}${locked.version}-${locked.release}.${locked.arch}`;
}
