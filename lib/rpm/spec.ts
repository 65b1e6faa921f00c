// What an RPM file is to hold, as data: the input of the writer.

export type RpmComparison = '<' | '<=' | '=' | '>=' | '>';
export type RpmScriptletKind = 'pre' | 'post' | 'preun' | 'postun' | 'pretrans' | 'posttrans';
export type RpmTriggerKind = 'triggerprein' | 'triggerin' | 'triggerun' | 'triggerpostun';
export type RpmFileTriggerKind =
  | 'filetriggerin'
  | 'filetriggerun'
  | 'filetriggerpostun'
  | 'transfiletriggerin'
  | 'transfiletriggerun'
  | 'transfiletriggerpostun';
export type RpmFileFlagName =
  | 'config'
  | 'noreplace'
  | 'doc'
  | 'ghost'
  | 'license'
  | 'missingok'
  | 'readme'
  | 'artifact';

export interface RpmDependency {
  /** A package name, a virtual name, an absolute path, or a rich dependency that begins with `(`. */
  readonly name: string;
  readonly comparison?: RpmComparison;
  /** `[epoch:]version[-release]`; present exactly when `comparison` is. */
  readonly version?: string;
  /** `Requires(pre)` and its like: the scriptlets that need the dependency. */
  readonly scriptlets?: readonly RpmScriptletKind[];
}

export interface RpmScriptlet {
  /** Empty when the interpreter alone is the action, as in `%post -p /sbin/ldconfig`. */
  readonly script: string;
  /** Program and arguments, or `<lua>`. Default: `/bin/sh`. */
  readonly interpreter?: readonly string[];
}

export interface RpmTrigger extends RpmScriptlet {
  readonly kind: RpmTriggerKind;
  /** The packages whose change runs the script. */
  readonly packages: readonly RpmDependency[];
}

export interface RpmFileTrigger extends RpmScriptlet {
  readonly kind: RpmFileTriggerKind;
  /** Absolute paths: a change of any file that begins with one of them runs the script. */
  readonly prefixes: readonly string[];
  /** Higher runs first. Default: 1000000, as rpmbuild's. */
  readonly priority?: number;
}

interface RpmFileCommon {
  /** Absolute and normal: no `.`, `..`, double or final slash. */
  readonly path: string;
  /** Permission bits with setuid, setgid and sticky. Default: 0644 for files, 0755 for directories, 0777 for symbolic links. */
  readonly mode?: number;
  readonly user?: string;
  readonly group?: string;
  /** Seconds since 1970. Default: the package's build time. */
  readonly mtime?: number;
  readonly flags?: readonly RpmFileFlagName[];
}

export type RpmFile =
  | (RpmFileCommon & {
      readonly type: 'file';
      /** The bytes (a string is written as UTF-8), or a file on disk that holds them; a ghost's content is not written. */
      readonly content: string | Uint8Array | { readonly fromFile: string };
      /** As cap_to_text(3) prints it, e.g. `cap_net_raw=ep`. */
      readonly capabilities?: string;
      /** For the kernel's IMA, as the attribute `security.ima` holds it. */
      readonly signature?: Uint8Array;
    })
  /** A further name of a file of the same package; shares its content, mode, owner and time. */
  | (Pick<RpmFileCommon, 'path' | 'flags'> & { readonly type: 'hardlink'; readonly target: string })
  | (RpmFileCommon & { readonly type: 'directory' })
  | (RpmFileCommon & { readonly type: 'symlink'; readonly target: string });

export interface RpmSpec {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  /** Default: none, which counts as 0. */
  readonly epoch?: number;
  /** RPM architecture, e.g. `x86_64` or `noarch`. */
  readonly arch: string;
  readonly summary?: string;
  readonly description?: string;
  readonly license?: string;
  readonly url?: string;
  readonly vendor?: string;
  /** File name of the source package. Default: `NAME-VERSION-RELEASE.src.rpm`. */
  readonly sourceRpm?: string;
  /** Seconds since 1970; the only time in the file that is not a file's. Default: 1700000000. */
  readonly buildTime?: number;
  readonly requires?: readonly RpmDependency[];
  /** Beside `NAME = EVR` and `NAME(ISA) = EVR`, which are added. */
  readonly provides?: readonly RpmDependency[];
  readonly conflicts?: readonly RpmDependency[];
  readonly obsoletes?: readonly RpmDependency[];
  readonly recommends?: readonly RpmDependency[];
  readonly suggests?: readonly RpmDependency[];
  readonly supplements?: readonly RpmDependency[];
  readonly enhances?: readonly RpmDependency[];
  readonly scriptlets?: Readonly<Partial<Record<RpmScriptletKind, RpmScriptlet>>>;
  readonly triggers?: readonly RpmTrigger[];
  readonly fileTriggers?: readonly RpmFileTrigger[];
  /** In any order; written sorted by path. */
  readonly files?: readonly RpmFile[];
  /** Default: zstd. */
  readonly compressor?: 'zstd' | 'gzip';
}

/** `NAME-VERSION-RELEASE.ARCH.rpm`. */
export function rpmFileName(spec: Pick<RpmSpec, 'name' | 'version' | 'release' | 'arch'>): string {
  return `${spec.name}-${spec.version}-${spec.release}.${spec.arch}.rpm`;
}

/** `[epoch:]version-release`; an epoch of 0 is left out. */
export function evrOf(spec: Pick<RpmSpec, 'epoch' | 'version' | 'release'>): string {
  return `${spec.epoch === undefined || spec.epoch === 0 ? '' : `${spec.epoch}:`}${spec.version}-${spec.release}`;
}
