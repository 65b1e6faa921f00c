// A finished tree, or parts of it, as a tar archive for `ostree commit --tree=tar`: with owners, modes and attributes as on disk, and more attributes
// where asked, which need not be possible on disk.

import { createReadStream, createWriteStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getExtendedAttribute } from '../lib/extended-attributes.ts';
import { tarEnd, tarHeader, tarPadding } from '../lib/tar.ts';
import { listTreeAttributes } from './file-attributes.ts';

export interface ArchiveOptions {
  /** Attributes by path. */
  readonly added?: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  /** Where a path of the tree stands in the archive. Default: there. */
  readonly nameOf?: (path: string) => string;
}

/** @param paths of files, links and folders (without what is in them): relative, without links on the way, '' for the root */
export async function writeTreeArchive(
  archive: string,
  tree: string,
  paths: Iterable<string>,
  options: ArchiveOptions = {},
): Promise<void> {
  await pipeline(Readable.from(entries(tree, paths, options)), createWriteStream(archive));
}

/** Everything that is in a tree, as `writeTreeArchive()` takes it. */
export function* pathsOf(tree: string, folder = ''): Generator<string> {
  yield folder;
  for (const entry of readdirSync(join(tree, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* pathsOf(tree, path);
    else yield path;
  }
}

// Folders on the way too: an archive without them would reset their metadata.
async function* entries(
  tree: string,
  paths: Iterable<string>,
  { added, nameOf = (path) => path }: ArchiveOptions,
): AsyncGenerator<Buffer> {
  const all = new Set([...paths].flatMap((path) => [...foldersOf(path), path]));
  for (const path of [...all].sort()) {
    const place = join(tree, path);
    const stats = lstatSync(place);
    const { size } = stats;
    const xattrs = new Map([...attributesOf(place), ...(added?.get(path) ?? [])]);
    const common = { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, xattrs };
    const name = nameOf(path);
    if (stats.isDirectory()) yield tarHeader({ type: 'directory', path: name === '' ? './' : `./${name}/`, ...common });
    else if (stats.isSymbolicLink()) {
      yield tarHeader({ type: 'symlink', path: `./${name}`, target: readlinkSync(place), ...common });
    } else {
      yield tarHeader({ type: 'file', path: `./${name}`, size, ...common });
      yield* createReadStream(place);
      yield tarPadding(size);
    }
  }
  yield tarEnd();
}

/** All folders on the way to a relative path. */
function foldersOf(path: string): string[] {
  const words = path.split('/').slice(0, -1);
  return ['', ...words.map((_, index) => words.slice(0, index + 1).join('/'))];
}

function attributesOf(place: string): (readonly [string, Buffer])[] {
  return listTreeAttributes(place).map((name) => [name, getExtendedAttribute(place, name)]);
}
