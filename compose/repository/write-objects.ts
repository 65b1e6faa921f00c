// Writes the objects of a `bare` repository: contents and links as they are on disk, metadata as GVariant. Their names are the checksums that
// libostree gives them (ostree_raw_file_to_content_stream(), ostree-core.h); all belong to root and have no attributes. A cache's objects are not
// flushed to disk. One writer is for one thread.

import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../lib/documents.ts';
import { writeVariant } from '../../lib/gvariant.ts';
import { commitType, type ObjectKind, objectPath } from '../../lib/ostree-objects.ts';
import { dirtreeObject, type Folder, type FolderContent } from './dirtree.ts';

const [folderBits, fileBits, linkBits] = [0o040_000, 0o100_000, 0o120_000];

export interface ObjectWriter {
  /**
   * @param permissions bits below the file's type
   * @returns the checksum, as all methods do
   */
  file(permissions: number, content: AsyncIterable<Uint8Array>): Promise<string>;
  link(target: string): string;
  dirmeta(permissions: number): string;
  dirtree(content: FolderContent): string;
  /** One without parent, words and time. */
  commit(root: Folder): string;
}

/**
 * @param repo a repository of mode `bare`
 * @param folder for unfinished objects: an existing one on the same file system that no other writer uses
 */
export function objectWriter(repo: string, folder: string): ObjectWriter {
  const unfinished = join(folder, 'object');
  let begun = false;
  /** What a failure left goes first: a link would be followed. */
  const begin = (): void => {
    if (begun) rmSync(unfinished, { force: true });
    begun = true;
  };
  const pathOf = (checksum: string, kind: ObjectKind): string => objectPath(repo, checksum, kind);
  const put = (checksum: string, kind: ObjectKind): string => {
    const path = pathOf(checksum, kind);
    try {
      renameSync(unfinished, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      mkdirSync(dirname(path), { recursive: true });
      renameSync(unfinished, path);
    }
    begun = false;
    return checksum;
  };
  const metadata = (object: Buffer, kind: 'dirmeta' | 'dirtree' | 'commit'): string => {
    const checksum = sha256(object);
    if (existsSync(pathOf(checksum, kind))) return checksum;
    begin();
    writeFileSync(unfinished, object, { mode: 0o644, flag: 'wx' });
    return put(checksum, kind);
  };
  return {
    async file(permissions, content) {
      const hash = createHash('sha256').update(contentHeader(fileBits | permissions));
      begin();
      const descriptor = openSync(unfinished, 'wx', 0o600);
      try {
        for await (const piece of content) {
          hash.update(piece);
          writeAll(descriptor, piece);
        }
        const checksum = hash.digest('hex');
        if (existsSync(pathOf(checksum, 'file'))) return checksum;
        fchownSync(descriptor, 0, 0);
        fchmodSync(descriptor, permissions); // after all that takes setuid away
        futimesSync(descriptor, 0, 0);
        return put(checksum, 'file');
      } finally {
        closeSync(descriptor);
      }
    },
    link(target) {
      const checksum = sha256(contentHeader(linkBits | 0o777, target));
      if (lstatSync(pathOf(checksum, 'file'), { throwIfNoEntry: false }) !== undefined) return checksum;
      begin();
      symlinkSync(target, unfinished);
      lchownSync(unfinished, 0, 0);
      return put(checksum, 'file');
    },
    dirmeta: (permissions) => metadata(writeVariant('(uuua(ayay))', [0, 0, folderBits | permissions, []]), 'dirmeta'),
    dirtree: (content) => metadata(dirtreeObject(content), 'dirtree'),
    commit: ({ dirtree, dirmeta }) => {
      const root = [Buffer.from(dirtree, 'hex'), Buffer.from(dirmeta, 'hex')];
      return metadata(writeVariant(commitType, [[], Buffer.alloc(0), [], '', '', 0n, ...root]), 'commit');
    },
  };
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/** What is hashed before a file's content: owner, group, mode, device, target of a link and attributes, after their length. */
function contentHeader(mode: number, target = ''): Buffer {
  const header = writeVariant('(uuuusa(ayay))', [0, 0, mode, 0, target, []]);
  const length = Buffer.alloc(8); // and padding
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, header]);
}
