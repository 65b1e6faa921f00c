// The files of a package as its header lists them.

import { numberArrayTag, type RpmHeader, stringArrayTag } from './read.ts';
import { rpmFileFlag, rpmTag } from './tags.ts';

export interface RpmFileEntry {
  /** Absolute path. */
  readonly path: string;
  /** File type and permission bits as in stat(2). */
  readonly mode: number;
  readonly user: string;
  readonly group: string;
  /** Bytes. */
  readonly size: number;
  /** Hex digest of a regular file's content, in the package's own algorithm; empty for others. */
  readonly digest: string;
  /** Target of a symbolic link; empty for others. */
  readonly linkTarget: string;
  /** As cap_to_text(3) prints it; empty for none. */
  readonly capabilities: string;
  /** Bits of `rpmFileFlag`. */
  readonly flags: number;
  /** `|`-separated languages that the file is for; empty for all. */
  readonly languages: string;
}

const typeBits = 0o170_000;

/** The files in header order, ghosts included. */
export function rpmFiles(header: RpmHeader): RpmFileEntry[] {
  const names = stringArrayTag(header, rpmTag.baseNames);
  if (names.length === 0) return [];
  const folders = stringArrayTag(header, rpmTag.dirNames);
  const folderOf = numberArrayTag(header, rpmTag.dirIndexes);
  const modes = numberArrayTag(header, rpmTag.fileModes);
  const users = stringArrayTag(header, rpmTag.fileUserName);
  const groups = stringArrayTag(header, rpmTag.fileGroupName);
  const longSizes = numberArrayTag(header, rpmTag.longFileSizes);
  const sizes = longSizes.length > 0 ? longSizes : numberArrayTag(header, rpmTag.fileSizes);
  const digests = stringArrayTag(header, rpmTag.fileDigests);
  const links = stringArrayTag(header, rpmTag.fileLinkTos);
  const capabilities = stringArrayTag(header, rpmTag.fileCaps);
  const flags = numberArrayTag(header, rpmTag.fileFlags);
  const languages = stringArrayTag(header, rpmTag.fileLangs);
  return names.map((name, index) => ({
    path: `${folders[folderOf[index] ?? 0] ?? '/'}${name}`,
    mode: modes[index] ?? 0,
    user: users[index] ?? 'root',
    group: groups[index] ?? 'root',
    size: sizes[index] ?? 0,
    digest: digests[index] ?? '',
    linkTarget: links[index] ?? '',
    capabilities: capabilities[index] ?? '',
    flags: flags[index] ?? 0,
    languages: languages[index] ?? '',
  }));
}

export function isDirectory(file: RpmFileEntry): boolean {
  return (file.mode & typeBits) === 0o040_000;
}

export function isRegularFile(file: RpmFileEntry): boolean {
  return (file.mode & typeBits) === 0o100_000;
}

export function isSymbolicLink(file: RpmFileEntry): boolean {
  return (file.mode & typeBits) === 0o120_000;
}

/** True for a file that the package names but does not bring. */
export function isGhost(file: RpmFileEntry): boolean {
  return (file.flags & rpmFileFlag.ghost) !== 0;
}
