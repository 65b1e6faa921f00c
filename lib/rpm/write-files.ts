// The files of an RPM as the header and the payload need them: sorted, numbered, digested, hard links resolved.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { sha256 } from '../documents.ts';
import type { RpmFile, RpmFileFlagName } from './spec.ts';
import { rpmDigestAlgorithm, rpmFileFlag, rpmSignatureTag, rpmTag } from './tags.ts';
import type { RpmHeaderEntry } from './write-header.ts';

/** One file as it is written. */
export interface WrittenFile {
  readonly path: string;
  /** Type and permission bits, as in stat(2). */
  readonly mode: number;
  readonly user: string;
  readonly group: string;
  readonly mtime: number;
  readonly flags: number;
  readonly capabilities: string;
  /** Hex digits; empty for none. */
  readonly signature: string;
  readonly linkTarget: string;
  /** Equal for the names of one hard-linked file. */
  readonly inode: number;
  readonly links: number;
  /** What the header says: of a hard-linked file every name says the whole size. */
  readonly size: number;
  readonly digest: string;
  /** Bytes of content behind this name in the archive; null when the archive has no entry at all (ghosts). */
  readonly payloadSize: number | null;
  readonly content: Uint8Array | { readonly fromFile: string } | null;
}

type PlainFile = Exclude<RpmFile, { type: 'hardlink' }>;

const fileTypeBits = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const;
const defaultMode = { file: 0o644, directory: 0o755, symlink: 0o777 } as const;
const largestSize = 0xffffffff;

/** @throws TypeError for a path that is not absolute and normal, a path given twice, or a hard link to nothing. */
export async function prepareFiles(files: readonly RpmFile[], buildTime: number): Promise<WrittenFile[]> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const plain = new Map<string, PlainFile>();
  const names = new Map<string, string[]>();
  sorted.forEach((file, index) => {
    checkPath(file.path);
    if (sorted[index - 1]?.path === file.path) throw new TypeError(`${file.path} is in the package twice`);
    if (file.type !== 'hardlink') plain.set(file.path, file);
    const target = file.type === 'hardlink' ? file.target : file.path;
    names.set(target, [...(names.get(target) ?? []), file.path]);
  });
  const written: WrittenFile[] = [];
  for (const [index, file] of sorted.entries()) {
    const target = file.type === 'hardlink' ? file.target : file.path;
    const source = plain.get(target);
    if (source === undefined)
      throw new TypeError(`${file.path} is a hard link to ${target}, which is not in the package`);
    const group = names.get(target)!;
    const inode = group[0] === file.path ? index + 1 : written.find((other) => other.path === group[0])!.inode;
    const { size, digest, content } = await contentOf(source);
    const ghost = file.flags?.includes('ghost') === true;
    // rpm takes the content of a hard-linked file from its last name in the archive.
    const payloadSize = ghost ? null : group.at(-1) === file.path ? size : 0;
    written.push({
      path: file.path,
      mode: fileTypeBits[source.type] | (source.mode ?? defaultMode[source.type]),
      user: source.user ?? 'root',
      group: source.group ?? 'root',
      mtime: source.mtime ?? buildTime,
      flags: flagBits(file.flags ?? source.flags ?? []),
      capabilities: source.type === 'file' ? (source.capabilities ?? '') : '',
      signature: source.type === 'file' ? Buffer.from(source.signature ?? []).toString('hex') : '',
      linkTarget: source.type === 'symlink' ? source.target : '',
      inode,
      links: group.length,
      size,
      digest,
      payloadSize,
      content,
    });
  }
  return written;
}

/** The entries of the header that describe files; none for a package without files. */
export function fileEntries(files: readonly WrittenFile[]): RpmHeaderEntry[] {
  if (files.length === 0) return [];
  const directories = new Map<string, number>();
  const directoryIndexes = files.map((file) => {
    const directory = file.path.slice(0, file.path.lastIndexOf('/') + 1);
    if (!directories.has(directory)) directories.set(directory, directories.size);
    return directories.get(directory)!;
  });
  const numbers = (tag: number, value: (file: WrittenFile) => number): RpmHeaderEntry => {
    return { tag, type: 'int32', value: files.map(value) };
  };
  const strings = (tag: number, value: (file: WrittenFile) => string): RpmHeaderEntry => {
    return { tag, type: 'stringArray', value: files.map(value) };
  };
  return [
    numbers(rpmTag.fileSizes, (file) => file.size),
    { tag: rpmTag.fileModes, type: 'int16', value: files.map((file) => file.mode) },
    { tag: rpmTag.fileRdevs, type: 'int16', value: files.map(() => 0) },
    numbers(rpmTag.fileMtimes, (file) => file.mtime),
    strings(rpmTag.fileDigests, (file) => file.digest),
    strings(rpmTag.fileLinkTos, (file) => file.linkTarget),
    numbers(rpmTag.fileFlags, (file) => file.flags),
    strings(rpmTag.fileUserName, (file) => file.user),
    strings(rpmTag.fileGroupName, (file) => file.group),
    numbers(rpmTag.fileVerifyFlags, () => 0xffffffff),
    numbers(rpmTag.fileDevices, () => 1),
    numbers(rpmTag.fileInodes, (file) => file.inode),
    strings(rpmTag.fileLangs, () => ''),
    { tag: rpmTag.dirIndexes, type: 'int32', value: directoryIndexes },
    strings(rpmTag.baseNames, (file) => file.path.slice(file.path.lastIndexOf('/') + 1)),
    { tag: rpmTag.dirNames, type: 'stringArray', value: [...directories.keys()] },
    { tag: rpmTag.fileDigestAlgo, type: 'int32', value: [rpmDigestAlgorithm.sha256] },
    ...(files.some((file) => file.capabilities !== '') ? [strings(rpmTag.fileCaps, (file) => file.capabilities)] : []),
  ];
}

/** The entries of the signature header that rpmsign --signfiles makes; none for a package without signed files. */
export function fileSignatureEntries(files: readonly WrittenFile[]): RpmHeaderEntry[] {
  const signatures = files.map((file) => file.signature);
  const longest = Math.max(0, ...signatures.map((each) => each.length / 2));
  if (longest === 0) return [];
  return [
    { tag: rpmSignatureTag.fileSignatures, type: 'stringArray', value: signatures },
    { tag: rpmSignatureTag.fileSignatureLength, type: 'int32', value: [longest] },
  ];
}

/** What the files take up when installed: the content of a hard-linked file counts once. */
export function installedSize(files: readonly WrittenFile[]): number {
  return files.reduce((sum, file) => sum + (file.payloadSize ?? 0), 0);
}

function checkPath(path: string): void {
  const normal = path === '/' || /^(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)+$/.test(path);
  if (!normal) throw new TypeError(`${JSON.stringify(path)} is not an absolute, normal path`);
}

async function contentOf(file: PlainFile): Promise<Pick<WrittenFile, 'size' | 'digest' | 'content'>> {
  switch (file.type) {
    case 'directory':
      return { size: 0, digest: '', content: null };
    case 'symlink': {
      const content = Buffer.from(file.target);
      return { size: content.length, digest: '', content };
    }
    case 'file': {
      if (file.flags?.includes('ghost') === true) return { size: 0, digest: '', content: null };
      if (typeof file.content === 'object' && 'fromFile' in file.content) return digestOfFile(file.content);
      const content = typeof file.content === 'string' ? Buffer.from(file.content) : file.content;
      return { size: content.length, digest: sha256(content), content };
    }
  }
}

async function digestOfFile(content: {
  readonly fromFile: string;
}): Promise<Pick<WrittenFile, 'size' | 'digest' | 'content'>> {
  const { size } = await stat(content.fromFile);
  if (size > largestSize)
    throw new TypeError(`${content.fromFile} has ${size} bytes; an RPM of this form holds less than 4 GiB a file`);
  const hash = createHash('sha256');
  for await (const piece of createReadStream(content.fromFile, { highWaterMark: 1024 * 1024 }))
    hash.update(piece as Buffer);
  return { size, digest: hash.digest('hex'), content };
}

function flagBits(flags: readonly RpmFileFlagName[]): number {
  const bits: Record<RpmFileFlagName, number> = {
    config: rpmFileFlag.config,
    noreplace: rpmFileFlag.noReplace,
    doc: rpmFileFlag.doc,
    ghost: rpmFileFlag.ghost,
    license: rpmFileFlag.license,
    missingok: rpmFileFlag.missingOk,
    readme: rpmFileFlag.readme,
    artifact: rpmFileFlag.artifact,
  };
  return flags.reduce((sum, flag) => sum | bits[flag], 0);
}
