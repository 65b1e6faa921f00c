// One path of a folder on disk -> what can be seen of it.

import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { sha256 } from '../../../lib/documents.ts';
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

function digestOf(path: string): string {
  return sha256(readFileSync(path));
}

function metadataOf(path: string, { mode, uid, gid }: Stats): Metadata {
  const attributes = listTreeAttributes(path)
    .filter((name) => !name.startsWith(overlayPrefix))
    .sort()
    .map((name) => [name, getExtendedAttribute(path, name).toString('base64')] as const);
  return { mode: mode & 0o7777, uid, gid, attributes };
}
