// The tar archive of one layer, as chunks: entries in the order of the tree, owners, modes and attributes as in the commit, all times
// zero as on an OSTree host, so that a layer's bytes depend on its files alone.

import type { FileHandle } from 'node:fs/promises';
import { tarEnd, tarHeader, tarPadding } from '../../lib/tar.ts';
import { mebibyte } from '../size.ts';
import type { Layer } from './layers.ts';
import type { FileOwner } from './owners.ts';
import type { TreeEntry } from './tree.ts';

/** @param archive the tree's archive, open for reading */
export async function* layerTar(
  layer: Layer,
  owners: ReadonlyMap<string, FileOwner>,
  archive: FileHandle,
): AsyncGenerator<Buffer> {
  const firstOfLinks = new Map<string, string>();
  for (const entry of layer.entries) {
    const first = linkTarget(entry, owners, firstOfLinks);
    yield entryHeader(entry, first);
    if (entry.type !== 'file' || first !== null) continue;
    yield* contentOf(entry, archive);
    yield tarPadding(entry.size);
  }
  yield tarEnd();
}

function entryHeader({ type, path, mode, uid, gid, size, target, xattrs }: TreeEntry, first: string | null): Buffer {
  const common = { mode, uid, gid };
  if (first !== null) return tarHeader({ type: 'hardlink', path, target: first, ...common });
  switch (type) {
    case 'directory':
      return tarHeader({ type, path: `${path}/`, xattrs, ...common });
    case 'symlink':
      return tarHeader({ type, path, target, ...common, mode: 0o777 });
    case 'file':
      return tarHeader({ type, path, size, xattrs, ...common });
  }
}

/**
 * The path that a file is a hard link to: the first one of the package's links that is the same object still. Other files of equal
 * content stay apart, since a container may write to one of them.
 */
function linkTarget(
  { type, path, object }: TreeEntry,
  owners: ReadonlyMap<string, FileOwner>,
  firstOfLinks: Map<string, string>,
): string | null {
  const owner = owners.get(path);
  if (type !== 'file' || owner === undefined) return null;
  const key = `${owner.linkGroup} ${object}`;
  const first = firstOfLinks.get(key);
  if (first === undefined) firstOfLinks.set(key, path);
  return first ?? null;
}

async function* contentOf({ offset, size, path }: TreeEntry, archive: FileHandle): AsyncGenerator<Buffer> {
  for (let done = 0; done < size; ) {
    const chunk = Buffer.allocUnsafe(Math.min(size - done, mebibyte));
    const { bytesRead } = await archive.read(chunk, 0, chunk.length, offset + done);
    if (bytesRead === 0) throw new Error(`the exported tree ends inside ${path}`);
    yield chunk.subarray(0, bytesRead);
    done += bytesRead;
  }
}
