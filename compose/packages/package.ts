// A package as the engine sees it: its identity, files, dependencies and scriptlets, all read from the RPM's header.

import { isDirectory, isGhost, isRegularFile, type RpmFileEntry, rpmFiles } from '../../lib/rpm/files.ts';
import {
  numberArrayTag,
  numberTag,
  type RpmHeader,
  readRpmHeader,
  stringArrayTag,
  stringTag,
} from '../../lib/rpm/read.ts';
import { rpmSense, rpmTag } from '../../lib/rpm/tags.ts';
import type { VersionRange } from '../../lib/rpm/version-range.ts';
import { readScriptlets, type Scriptlets } from './scriptlets.ts';

/** A package of the plan, ready on disk. */
export interface PackageFile {
  /** As `nevra()` prints it. */
  readonly nevra: string;
  /** Digest of the RPM file, as `sha256:…`; it is the package's identity in the cache. */
  readonly digest: string;
  /** Absolute path of the verified RPM. */
  readonly path: string;
}

export interface Requirement {
  readonly name: string;
  /** True when a scriptlet of installation needs it, so that the provider must be installed before. */
  readonly forScriptlets: boolean;
}

export interface EnginePackage extends PackageFile {
  readonly name: string;
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  /** Files that the package brings; ghosts are left out. */
  readonly files: readonly RpmFileEntry[];
  /** All paths of the header in its order, ghosts included: what file triggers look at. */
  readonly paths: readonly string[];
  readonly provides: readonly string[];
  /** Versions that it provides under its own name: what the conditions of triggers look at. */
  readonly ownVersions: readonly VersionRange[];
  readonly requires: readonly Requirement[];
  readonly scriptlets: Scriptlets;
  /** When it was built, in seconds since 1970. */
  readonly buildTime: number;
}

const installationFlags = rpmSense.prereq | rpmSense.scriptPre | rpmSense.scriptPost | rpmSense.interpreter;

/**
 * @param readonlyExecutables whether the tree gets its executables without write permission
 * @throws UserError `rpm-unreadable` for a damaged file
 */
export async function readPackage(file: PackageFile, readonlyExecutables = false): Promise<EnginePackage> {
  const header = await readRpmHeader(file.path);
  const name = stringTag(header, rpmTag.name) ?? '';
  const files = packagedFiles(header, readonlyExecutables);
  return {
    ...file,
    name,
    epoch: numberTag(header, rpmTag.epoch) ?? 0,
    version: stringTag(header, rpmTag.version) ?? '',
    release: stringTag(header, rpmTag.release) ?? '',
    arch: stringTag(header, rpmTag.arch) ?? '',
    files: files.filter((entry) => !isGhost(entry)),
    paths: files.map(({ path }) => path),
    provides: stringArrayTag(header, rpmTag.provideName),
    ownVersions: readOwnVersions(header, name),
    requires: readRequirements(header),
    scriptlets: readScriptlets(header),
    buildTime: buildTimeOf(header),
  };
}

/**
 * All files of a package, ghosts included, with the modes that they get in the tree. Directories can be written by their owner, as in
 * rpm-ostree: or only a user with all of root's rights could check the commit out.
 */
export function packagedFiles(header: RpmHeader, readonlyExecutables: boolean): RpmFileEntry[] {
  return rpmFiles(header).map((file) => {
    if (isDirectory(file)) return { ...file, mode: file.mode | 0o200 };
    return readonlyExecutables && isExecutable(file) ? { ...file, mode: file.mode & ~0o222 } : file;
  });
}

export function isExecutable(file: RpmFileEntry): boolean {
  return isRegularFile(file) && (file.mode & 0o111) !== 0;
}

/** When the package was built, in seconds since 1970. */
export async function readBuildTime(path: string): Promise<number> {
  return buildTimeOf(await readRpmHeader(path));
}

function buildTimeOf(header: RpmHeader): number {
  return numberTag(header, rpmTag.buildTime) ?? 0;
}

function readOwnVersions(header: RpmHeader, name: string): VersionRange[] {
  const flags = numberArrayTag(header, rpmTag.provideFlags);
  const versions = stringArrayTag(header, rpmTag.provideVersion);
  return stringArrayTag(header, rpmTag.provideName).flatMap((provided, index) =>
    provided === name ? [{ flags: flags[index] ?? 0, evr: versions[index] ?? '' }] : [],
  );
}

function readRequirements(header: RpmHeader): Requirement[] {
  const flags = numberArrayTag(header, rpmTag.requireFlags);
  return stringArrayTag(header, rpmTag.requireName)
    .map((name, index) => ({ name, flags: flags[index] ?? 0 }))
    .filter((requirement) => (requirement.flags & rpmSense.rpmlib) === 0)
    .map((requirement) => ({
      name: requirement.name,
      forScriptlets: (requirement.flags & installationFlags) !== 0,
    }));
}
