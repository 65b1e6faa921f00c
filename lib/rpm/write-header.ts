// The bytes of one RPM header: an index of typed entries and the store of their values, closed by a region entry.

import { rpmMagic, rpmType } from './tags.ts';

export type RpmHeaderEntry =
  | { readonly tag: number; readonly type: 'int16' | 'int32'; readonly value: readonly number[] }
  | { readonly tag: number; readonly type: 'string' | 'i18nString'; readonly value: string }
  | { readonly tag: number; readonly type: 'stringArray'; readonly value: readonly string[] }
  | { readonly tag: number; readonly type: 'binary'; readonly value: Uint8Array };

const indexEntrySize = 16;

/**
 * Encodes a header in the form of rpm's docs/manual/format_header.md: magic, counts, index sorted by tag, store.
 * @param region tag of the region entry, `rpmRegion.signature` or `rpmRegion.immutable`
 */
export function encodeRpmHeader(entries: readonly RpmHeaderEntry[], region: number): Buffer {
  const sorted = [...entries].sort((a, b) => a.tag - b.tag);
  const store: Buffer[] = [];
  let storeSize = 0;
  const append = (data: Buffer, alignment: number): number => {
    const padding = -storeSize & (alignment - 1);
    if (padding > 0) store.push(Buffer.alloc(padding));
    const offset = storeSize + padding;
    store.push(data);
    storeSize = offset + data.length;
    return offset;
  };
  const index: Buffer[] = sorted.map((entry) => {
    const { data, alignment, count } = encodeValue(entry);
    return indexEntry(entry.tag, rpmType[entry.type], append(data, alignment), count);
  });
  // The region's own entry stands first in the index, and its trailer last in the store points back over the whole index.
  const indexCount = index.length + 1;
  const trailer = indexEntry(region, rpmType.binary, -indexCount * indexEntrySize, indexEntrySize);
  const regionEntry = indexEntry(region, rpmType.binary, append(trailer, 1), indexEntrySize);
  const counts = Buffer.alloc(12);
  counts.writeUInt32BE(indexCount, 4);
  counts.writeUInt32BE(storeSize, 8);
  return Buffer.concat([rpmMagic.header, counts, regionEntry, ...index, ...store]);
}

function encodeValue(entry: RpmHeaderEntry): { data: Buffer; alignment: number; count: number } {
  switch (entry.type) {
    case 'int16': {
      const data = Buffer.alloc(entry.value.length * 2);
      entry.value.forEach((value, index) => {
        data.writeUInt16BE(value, index * 2);
      });
      return { data, alignment: 2, count: entry.value.length };
    }
    case 'int32': {
      const data = Buffer.alloc(entry.value.length * 4);
      entry.value.forEach((value, index) => {
        data.writeUInt32BE(value, index * 4);
      });
      return { data, alignment: 4, count: entry.value.length };
    }
    case 'string':
    case 'i18nString':
      return { data: Buffer.from(`${entry.value}\0`), alignment: 1, count: 1 };
    case 'stringArray':
      return {
        data: Buffer.from(entry.value.map((value) => `${value}\0`).join('')),
        alignment: 1,
        count: entry.value.length,
      };
    case 'binary':
      return { data: Buffer.from(entry.value), alignment: 1, count: entry.value.length };
  }
}

function indexEntry(tag: number, type: number, offset: number, count: number): Buffer {
  const bytes = Buffer.alloc(indexEntrySize);
  bytes.writeInt32BE(tag, 0);
  bytes.writeUInt32BE(type, 4);
  bytes.writeInt32BE(offset, 8);
  bytes.writeUInt32BE(count, 12);
  return bytes;
}
