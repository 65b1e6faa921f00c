// The upper layer of the overlay as data: everything that was changed so far.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { getExtendedAttribute } from '../../../lib/extended-attributes.ts';
import { listTreeAttributes } from '../../file-attributes.ts';
import { isWhiteout, opaqueAttribute } from '../overlay.ts';
import type { TreeEntry } from './entry.ts';
import { digestOf, readEntry } from './read-entry.ts';

export interface UpperEntry {
  /** `absent` for a whiteout. */
  readonly entry: TreeEntry;
  /** A directory that hides what the lower layer has in it. */
  readonly opaque: boolean;
}

/** By relative path. */
export type UpperLayer = ReadonlyMap<string, UpperEntry>;

/** Reads the layer from disk again and again without reading a file twice that did not change. */
export function upperReader(folder: string): () => UpperLayer {
  const digests = new Map<string, string>();
  const knownDigestOf = (path: string): string => {
    const { ino, ctimeNs, size } = lstatSync(path, { bigint: true });
    const key = `${ino} ${ctimeNs} ${size}`;
    const known = digests.get(key) ?? digestOf(path);
    digests.set(key, known);
    return known;
  };
  return () => {
    const layer = new Map<string, UpperEntry>();
    const walk = (parent: string): void => {
      for (const name of readdirSync(join(folder, parent))) {
        const path = parent === '' ? name : `${parent}/${name}`;
        const entry = readEntry(join(folder, path), knownDigestOf);
        layer.set(path, {
          entry: entry.type === 'other' && isWhiteout(lstatSync(join(folder, path))) ? { type: 'absent' } : entry,
          opaque: entry.type === 'directory' && isOpaque(join(folder, path)),
        });
        if (entry.type === 'directory') walk(path);
      }
    };
    walk('');
    return layer;
  };
}

function isOpaque(path: string): boolean {
  return (
    listTreeAttributes(path).includes(opaqueAttribute) && getExtendedAttribute(path, opaqueAttribute).toString() === 'y'
  );
}
