// One path of a folder on disk -> what can be seen of it.

import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { getExtendedAttribute } from '../../../lib/extended-attributes.ts';
import { listTreeAttributes } from '../../file-attributes.ts';
import { overlayPrefix } from '../overlay.ts';
import type { Metadata, TreeEntry } from './entry.ts';

/** @param digest gives the SHA-256 of a regular file */
export function readEntry(path: string, digest = digestOf): TreeEntry {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { type: 'absent' };
  const metadata = metadataOf(path, stats);
  if (stats.isDirectory()) return { type: 'directory', ...metadata };
  if (stats.isSymbolicLink()) return { type: 'link', target: readlinkSync(path), ...metadata };
  if (stats.isFile()) return { type: 'file', digest: digest(path), ...metadata };
  return { type: 'other', ...metadata };
}

const piece = Buffer.allocUnsafe(65_536);

/** SHA-256 of a regular file, which may be larger than memory. */
export function digestOf(path: string): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) hash.update(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function metadataOf(path: string, { mode, uid, gid }: Stats): Metadata {
  const attributes = listTreeAttributes(path)
    .filter((name) => !name.startsWith(overlayPrefix))
    .sort()
    .map((name) => [name, getExtendedAttribute(path, name).toString('base64')] as const);
  return { mode: mode & 0o7777, uid, gid, attributes };
}
