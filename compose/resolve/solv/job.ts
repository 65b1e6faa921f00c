// What goes over the border between our process and the solver's child: plain data.

import type { SerializedError } from '../../../lib/serialized-error.ts';
import type { Checksum } from '../repomd.ts';
import type { LockConstraint, LockRequest } from '../request.ts';

export interface SolverRepo {
  readonly id: string;
  /** Digest of the primary record, which names its parsed form in the cache. */
  readonly primary: Checksum;
  readonly filelists: Checksum | null;
  /** As in `.repo` files: the lower number wins. */
  readonly priority: number;
  readonly cost: number;
  readonly excludePackages: readonly string[];
  readonly includePackages: readonly string[];
  /** Gives only packages that the lock names. */
  readonly onlyLocked: boolean;
  /** `name-epoch:version-release.arch` of packages in module streams that are not active. */
  readonly hiddenModular: readonly string[];
  /** Names that active module streams own: packages of these names outside the streams are hidden. */
  readonly activeModular: { readonly names: readonly string[]; readonly nevras: readonly string[] };
}

export interface SolverJob {
  readonly arch: string;
  readonly repos: readonly SolverRepo[];
  readonly packages: readonly string[];
  readonly excludePackages: readonly string[];
  readonly repoPackages: readonly { readonly repo: string; readonly packages: readonly string[] }[];
  readonly recommends: boolean;
  readonly lock: LockRequest | null;
  /** Folder of parsed metadata. */
  readonly solvCacheDir: string;
  /** Also say for each package who asked for it. */
  readonly reasons: boolean;
}

export interface SolvedPackage {
  readonly name: string;
  /** `[epoch:]version-release` */
  readonly evr: string;
  readonly arch: string;
  readonly repo: string;
  readonly checksum: Checksum;
  readonly size: number;
  /** Path or URL relative to the repository's base URL. */
  readonly location: string;
  /** File name of the source package; absent when the metadata does not say. */
  readonly sourcerpm?: string;
}

/** Why a package is in the result. Packages are `name-evr.arch`. */
export interface PackageReasons {
  readonly package: string;
  readonly name: string;
  /** Requests of the treefile that it satisfies. */
  readonly requests: readonly string[];
  readonly requiredBy: readonly { readonly package: string; readonly dependency: string }[];
  readonly recommendedBy: readonly { readonly package: string; readonly dependency: string }[];
}

/** A package that some repository has; `evr` as `[epoch:]version-release`. */
export interface AvailablePackage {
  readonly name: string;
  readonly evr: string;
  readonly arch: string;
  /** `sha256:…` */
  readonly checksum: string;
}

/** A lock constraint that nothing fits, with all packages of its name, or where there is none those of the nearest names. */
export interface MissingLocked extends LockConstraint {
  readonly available: readonly AvailablePackage[];
}

/** A package that the solver must not see, with the reason; fits behind "NEVRA is". */
export interface FilteredPackage {
  readonly name: string;
  readonly package: string;
  readonly reason: string;
}

export interface UnmatchedRequest {
  readonly request: string;
  /** Set when the request only names packages of one repository. */
  readonly repo?: string;
  /** Set when it cannot be understood: why, as words behind it. */
  readonly unreadable?: string;
  /** Packages that would match. */
  readonly filtered: readonly FilteredPackage[];
  /** Where nothing would: packages of the name that is asked for, in other versions or for other architectures; newest first. */
  readonly available: readonly string[];
  /** Where there are none either: names that are near. */
  readonly near: readonly string[];
}

export interface SolverProblem {
  readonly summary: string;
  readonly details: readonly string[];
  /** Dependencies that nothing provides. */
  readonly missing: readonly string[];
  /** Filtered packages that would satisfy one of them. */
  readonly filtered: readonly (FilteredPackage & { readonly dependency: string })[];
}

export type SolverAnswer =
  | {
      readonly type: 'solved';
      readonly packages: readonly SolvedPackage[];
      readonly reasons: readonly PackageReasons[];
    }
  | { readonly type: 'unmatched'; readonly requests: readonly UnmatchedRequest[] }
  | { readonly type: 'unsolvable'; readonly problems: readonly SolverProblem[] };

export type SolverOutcome = SolverAnswer & {
  /** Lock constraints that no repository can satisfy. */
  readonly missingLocked: readonly MissingLocked[];
};

export type RecordType = 'primary' | 'filelists';

/** From the child. */
export type ChildMessage =
  /** What the child does now, so that a crash can be told with its place. */
  | { readonly type: 'stage'; readonly stage: string; readonly repo?: string }
  | { readonly type: 'need'; readonly repo: string; readonly record: RecordType }
  | { readonly type: 'outcome'; readonly outcome: SolverOutcome }
  | { readonly type: 'failed'; readonly error: SerializedError };

/** The descriptor over which the child talks: JSON lines in both directions, apart from whatever libsolv prints. */
export const childDescriptor = 3;

/** To the child. */
export type ParentMessage =
  | { readonly type: 'job'; readonly job: SolverJob }
  /** Answer to `need`: the unpacked, verified XML. */
  | { readonly type: 'record'; readonly path: string };
