// One text file out of a commit, from a repository of any mode and without starting a program.

import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { UserError } from '../../lib/errors.ts';
import { getExtendedAttribute } from '../../lib/extended-attributes.ts';
import { readVariant } from '../../lib/gvariant.ts';
import { objectPath } from '../../lib/ostree-objects.ts';
import { readCommitObject } from './commit.ts';
import { readFolder, rootOf } from './dirtree.ts';
import { modeOf, withParents } from './mode.ts';

/**
 * @param path absolute; links are not followed
 * @returns null when the commit has no such file
 * @throws UserError `commit-not-found`; `commit-incomplete` where the repository has the commit, but not all of its objects
 */
export async function readCommitFile(repo: string, commit: string, path: string): Promise<string | null> {
  const names = path.split('/').filter((name) => name !== '');
  const name = names.pop() ?? '';
  const repos = withParents(repo);
  const found = <T>(read: (from: string) => T): T => inFirst(repos, read, commit);
  let { dirtree } = rootOf(await readCommitObject(repo, commit));
  for (const each of names) {
    const folder = found((from) => readFolder(from, dirtree)).folders.get(each);
    if (folder === undefined) return null;
    dirtree = folder.dirtree;
  }
  const checksum = found((from) => readFolder(from, dirtree)).files.get(name);
  return checksum === undefined ? null : (found((from) => contentOf(from, checksum))?.toString() ?? null);
}

/** What the first repository gives that has it. */
function inFirst<T>([repo, ...others]: readonly string[], read: (repo: string) => T, commit: string): T {
  try {
    return read(repo!);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    if (others.length > 0) return inFirst(others, read, commit);
    throw new UserError('commit-incomplete', `the repository ${repo} lacks parts of the commit ${commit}`, {
      hint: 'pull the commit again; `ostree fsck` tells what else is missing',
      cause,
    });
  }
}

/** Null for a link. */
function contentOf(repo: string, checksum: string): Buffer | null {
  const mode = modeOf(repo);
  if (mode === 'archive' || mode === 'archive-z2') {
    return archivedContent(readFileSync(objectPath(repo, checksum, 'filez')));
  }
  const path = objectPath(repo, checksum, 'file');
  if (mode === 'bare-user' && isLinkMode(getExtendedAttribute(path, 'user.ostreemeta').readUInt32BE(8))) return null;
  return readUnlessLink(path);
}

/** Size, owner, group, mode, device, target of a link and attributes, after their length; then what deflate made of the content. */
function archivedContent(object: Buffer): Buffer | null {
  const length = object.readUInt32BE();
  const [, , , mode] = readVariant('(tuuuusa(ayay))', object.subarray(8, 8 + length)) as readonly number[];
  return isLinkMode(mode!) ? null : inflateRawSync(object.subarray(8 + length));
}

function isLinkMode(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFLNK;
}

function readUnlessLink(path: string): Buffer | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return null; // where it leads to is no part of the commit
    throw error;
  }
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
