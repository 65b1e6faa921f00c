// An RPM -> its commit in the package cache: paths usr-merged, devices and pipes left out (OSTree cannot hold them), executables without write
// permission where the treefile wants it so. Content is passed on as it comes: a package may hold files larger than memory. Nothing gets in that
// the header does not tell, because all judgements on packages (check-files.ts) are made from headers.

import { posix } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { isDirectory, isGhost, isRegularFile, isSymbolicLink, type RpmFileEntry } from '../../lib/rpm/files.ts';
import { type PayloadEntry, rpmPayload } from '../../lib/rpm/payload.ts';
import { readRpmHeader } from '../../lib/rpm/read.ts';
import type { Folder } from '../repository/dirtree.ts';
import type { ObjectWriter } from '../repository/write-objects.ts';
import type { ImportJob } from './import.ts';
import { packagedFiles } from './package.ts';
import { treePath } from './paths.ts';

/**
 * @returns the commit's checksum
 * @throws UserError `rpm-unreadable`
 */
export async function commitPackage(
  { path, readonlyExecutables }: Omit<ImportJob, 'digest'>,
  objects: ObjectWriter,
): Promise<string> {
  const header = await readRpmHeader(path);
  const root = newFolder();
  // Names of a hard-linked file that came before its content.
  const waiting = new Map<number, RpmFileEntry[]>();
  for await (const entry of rpmPayload(header, packagedFiles(header, readonlyExecutables))) {
    const { file, inode, links, size } = entry;
    if (isGhost(file)) continue; // rpm does not unpack them either
    if (isRegularFile(file) && links > 1 && size === 0 && file.size > 0) {
      waiting.set(inode, [...(waiting.get(inode) ?? []), file]);
      continue;
    }
    if (isDirectory(file)) {
      folderAt(root, namesOf(file, path), path).permissions = permissionsOf(file);
      continue;
    }
    const checksum = await contentOf(entry, path, objects);
    if (checksum === null) continue;
    for (const each of [file, ...(waiting.get(inode) ?? [])]) {
      const names = namesOf(each, path);
      const name = names.pop();
      if (name === undefined) throw unusable(path, 'it brings a file in place of the root folder');
      const folder = folderAt(root, names, path);
      if (folder.folders.has(name)) throw unusable(path, `${each.path} is a folder and a file`);
      folder.files.set(name, checksum);
    }
    waiting.delete(inode);
  }
  for (const [file] of waiting.values()) throw unusable(path, `its payload lacks the content of ${file!.path}`);
  return objects.commit(writeFolders(root, objects));
}

interface NewFolder {
  permissions: number;
  /** Checksum by name. */
  readonly files: Map<string, string>;
  readonly folders: Map<string, NewFolder>;
}

function newFolder(): NewFolder {
  return { permissions: 0o755, files: new Map(), folders: new Map() };
}

/** Missing folders are made on the way, as others find them that a package does not name. */
function folderAt(root: NewFolder, names: readonly string[], path: string): NewFolder {
  let folder = root;
  for (const name of names) {
    if (folder.files.has(name)) throw unusable(path, `${names.join('/')} leads through ${name}, which is no folder`);
    const next = folder.folders.get(name) ?? newFolder();
    folder.folders.set(name, next);
    folder = next;
  }
  return folder;
}

/** @returns null for what OSTree cannot hold */
async function contentOf({ file, content }: PayloadEntry, path: string, objects: ObjectWriter): Promise<string | null> {
  if (isRegularFile(file)) return objects.file(permissionsOf(file), content);
  if (!isSymbolicLink(file)) return null;
  if ((await textOf(content)) !== file.linkTarget) {
    throw unusable(path, `its header and its payload do not agree where ${file.path} leads`);
  }
  return objects.link(file.linkTarget);
}

function writeFolders(folder: NewFolder, objects: ObjectWriter): Folder {
  const folders = [...folder.folders].map(([name, each]): [string, Folder] => [name, writeFolders(each, objects)]);
  return {
    dirtree: objects.dirtree({ files: new Map(inOrder([...folder.files])), folders: new Map(inOrder(folders)) }),
    dirmeta: objects.dirmeta(folder.permissions),
  };
}

/** OSTree sorts names by their bytes. */
function inOrder<T>(entries: [string, T][]): [string, T][] {
  return entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The parts of a file's path in the tree. */
function namesOf(file: RpmFileEntry, path: string): string[] {
  if (posix.resolve('/', file.path) !== file.path) throw unusable(path, `${file.path} is no plain path`);
  if (`${file.path}${file.linkTarget}`.includes(noText)) {
    throw unusable(path, `${file.path} or what it points to is not UTF-8, which OSTree wants`);
  }
  return treePath(file.path)
    .split('/')
    .filter((name) => name !== '');
}

/** What stands for bytes that are not UTF-8. */
const noText = '\ufffd';

function permissionsOf({ mode }: RpmFileEntry): number {
  return mode & 0o7777;
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts).toString();
}

function unusable(path: string, reason: string): UserError {
  return new UserError('rpm-unreadable', `${path} cannot be imported: ${reason}`, {
    hint: 'tell whoever made the package; exclude-packages leaves it out',
  });
}
