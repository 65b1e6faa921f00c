// What the resolver is asked: the part of a treefile that decides packages, with the place of the caches.

import type { Advisory } from '../../lib/advisories.ts';
import type { Treefile } from '../treefile/treefile.ts';

/** A package that a lock file pins. `evr` is `[epoch:]version-release`; without it only the name is allowed. */
export interface LockConstraint {
  readonly name: string;
  readonly arch?: string;
  readonly evr?: string;
  /** `sha256:…`: the repository's metadata must give exactly this digest. */
  readonly checksum?: string;
  /** Those that the lock file lists for the package; absent when it does not say. */
  readonly advisories?: readonly Advisory[];
}

export interface LockRequest {
  readonly constraints: readonly LockConstraint[];
  /** Strict: only locked packages exist. Relaxed: names that are not locked resolve freely. */
  readonly strict: boolean;
}

export interface ResolveRequest {
  /** RPM base architecture, e.g. `x86_64`. */
  readonly arch: string;
  readonly releasever: string | null;
  /** Absolute paths of `.repo` files. */
  readonly repoFiles: readonly string[];
  /** Ids of the repositories to use. */
  readonly repos: readonly string[];
  /** Ids of repositories that only give locked packages, and only when there is a lock. */
  readonly lockfileRepos: readonly string[];
  readonly repovars: Readonly<Record<string, string>>;
  /** Names, globs, NEVRAs, provides, file paths, `name >= version`, rich dependencies. */
  readonly packages: readonly string[];
  readonly excludePackages: readonly string[];
  readonly repoPackages: readonly { readonly repo: string; readonly packages: readonly string[] }[];
  readonly recommends: boolean;
  readonly lock: LockRequest | null;
  /** The lock is to list the security advisories that concern its packages. */
  readonly advisories?: true;
  /** Absolute path; see lib/cache.ts. */
  readonly cacheDir: string;
}

export function resolveRequestOf(
  treefile: Treefile,
  cacheDir: string,
  lock: LockRequest | null = null,
): ResolveRequest {
  return {
    arch: treefile.basearch,
    releasever: treefile.releasever,
    repoFiles: treefile.repoFiles,
    repos: treefile.repos,
    lockfileRepos: treefile.lockfileRepos,
    repovars: treefile.repovars,
    packages: treefile.packages,
    excludePackages: treefile.excludePackages,
    repoPackages: treefile.repoPackages,
    recommends: treefile.recommends,
    lock,
    ...(treefile.advisoriesMetadata === 'disabled' ? {} : { advisories: true }),
    cacheDir,
  };
}
