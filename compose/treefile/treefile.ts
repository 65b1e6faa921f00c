// The merged treefile: the second document of the chain. Every include is followed, every condition decided, every default filled,
// every path absolute; nothing is optional and nothing downstream looks at YAML again.

import type { DocumentHeader } from '../../lib/documents.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** How check-passwd and check-groups decide which ids are allowed. */
export type IdCheck =
  | { readonly type: 'none' }
  | { readonly type: 'previous' }
  | { readonly type: 'file'; readonly filename: string }
  /** name -> uid, [uid] or [uid, gid] */
  | { readonly type: 'data'; readonly entries: Readonly<Record<string, readonly number[]>> };

export interface Treefile extends DocumentHeader {
  readonly kind: 'treefile';
  readonly version: 1;
  /** Absolute path of the file that was read. */
  readonly file: string;
  readonly ref: string;
  /** RPM base architecture, e.g. `x86_64`. */
  readonly basearch: string;
  readonly releasever: string | null;
  readonly edition: '2014' | '2024';

  readonly repos: readonly string[];
  readonly lockfileRepos: readonly string[];
  /** Absolute paths of the `.repo` files beside the treefile, then beside included files; of two definitions of an id the first counts. */
  readonly repoFiles: readonly string[];
  readonly repovars: Readonly<Record<string, string>>;

  /** One request each: name, glob, NEVRA, provide, file path, `name >= version`, rich dependency. Sorted, unique. */
  readonly packages: readonly string[];
  readonly excludePackages: readonly string[];
  readonly repoPackages: readonly { readonly repo: string; readonly packages: readonly string[] }[];
  readonly recommends: boolean;
  readonly documentation: boolean;
  /** Empty: all languages. */
  readonly installLangs: readonly string[];
  /** `scriptlet` is as in a spec file, without the `%`. */
  readonly ignoreScriptlets: readonly {
    readonly package: string;
    readonly scriptlet: string;
    readonly reason: string;
    /** False: it is not even tried. */
    readonly run: boolean;
  }[];
  readonly readonlyExecutables: boolean;
  readonly ima: boolean;
  readonly platformModule: string | null;

  readonly automaticVersionPrefix: string | null;
  readonly automaticVersionSuffix: string;
  readonly mutateOsRelease: string | null;

  readonly container: boolean;
  readonly selinux: boolean;
  readonly selinuxLabelVersion: 0 | 1;
  readonly ignoreDevices: boolean;
  readonly sysusers: 'compose-auto' | 'compose-forced';
  readonly bootLocation: 'new' | 'modules' | 'kernel-install';
  readonly tmpIsDir: boolean;
  readonly machineidCompat: boolean;
  readonly optUsrlocal: 'var' | 'root' | 'state-overlay';
  readonly rpmdb: 'target' | 'host' | 'bdb' | 'sqlite' | 'ndb';
  readonly rpmdbNormalize: boolean;
  readonly units: readonly string[];
  readonly defaultTarget: string | null;
  readonly initramfsArgs: readonly string[];
  readonly noInitramfs: boolean;
  readonly cliwrap: boolean;
  readonly cliwrapBinaries: readonly string[];

  readonly etcGroupMembers: readonly string[];
  readonly preservePasswd: boolean;
  readonly checkPasswd: IdCheck;
  readonly checkGroups: IdCheck;
  readonly ignoreRemovedUsers: readonly string[];
  readonly ignoreRemovedGroups: readonly string[];
  /** User name -> [uid] or [uid, gid], fixed before the first scriptlet runs. */
  readonly pinUsers: Readonly<Record<string, readonly number[]>>;
  /** Group name -> [gid]. */
  readonly pinGroups: Readonly<Record<string, readonly number[]>>;
  /** A user or group that neither the previous commit nor a check or pin knows fails the compose. */
  readonly failOnNewUsers: boolean;

  readonly ostreeLayers: readonly string[];
  readonly ostreeOverrideLayers: readonly string[];
  /** Source is an absolute path on the build machine: a file, a symbolic link or an empty directory. Destination: a path in the tree without a leading slash. */
  readonly addFiles: readonly { readonly source: string; readonly destination: string }[];
  /** Paths in the tree without a leading slash. */
  readonly removeFiles: readonly string[];
  readonly removeFromPackages: readonly { readonly package: string; readonly patterns: readonly string[] }[];
  /** Inline scripts in the order of running. */
  readonly postprocess: readonly string[];
  /** Absolute path of an executable run after `postprocess`. */
  readonly postprocessScript: string | null;
  /** Absolute paths of the executables of `finalize.d`, in the order of running. */
  readonly finalizeScripts: readonly string[];

  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly addCommitMetadata: Readonly<Record<string, JsonValue>>;
  readonly repoMetadata: 'inline' | 'detached' | 'disabled';
  readonly advisoriesMetadata: 'inline' | 'detached' | 'disabled';
  readonly gpgKey: string | null;
  readonly containerCmd: readonly string[] | null;
  /** Name, summary and so on of a dead format; only carried along. */
  readonly rojig: Readonly<Record<string, JsonValue>> | null;
  /** All variables after merging, with `basearch` and `releasever`. */
  readonly variables: Readonly<Record<string, boolean | number | string>>;
}
