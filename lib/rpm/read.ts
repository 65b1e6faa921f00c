// Reads the header of an RPM file: lead, signature and main header (RPM v4 and v6), without touching the payload. Values are decoded
// when they are asked for, because a kernel's header holds megabytes of file lists that few callers need.

import { closeSync, openSync, readSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { rpmLeadSize, rpmMagic, rpmType } from './tags.ts';

/** Limits of rpm itself (lib/header.cc): more is damage, not data. */
const maximumEntries = 0xffff;
const maximumDataBytes = 256 * 1024 * 1024;

/** Bytes of one value of a number type. */
const numberWidths: ReadonlyMap<number, number> = new Map([
  [rpmType.char, 1],
  [rpmType.int8, 1],
  [rpmType.int16, 2],
  [rpmType.int32, 4],
  [rpmType.int64, 8],
]);

interface IndexEntry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

export interface RpmHeader {
  /** The file that was read, as given. */
  readonly path: string;
  /** Offset of the payload in the file, in bytes. */
  readonly payloadOffset: number;
  readonly index: ReadonlyMap<number, IndexEntry>;
  readonly data: Buffer;
}

/**
 * Reads the main header of an RPM file.
 * @throws UserError `rpm-unreadable` that names the file when it is truncated, damaged or no RPM at all.
 */
export async function readRpmHeader(path: string): Promise<RpmHeader> {
  return (await readRpmHeaders(path)).main;
}

/** Both headers; see `readRpmHeader()`. */
export async function readRpmHeaders(
  path: string,
): Promise<{ readonly signature: RpmHeader; readonly main: RpmHeader }> {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw unreadable(path, (cause as Error).message);
  }
  try {
    const file = beginningOf(descriptor, path);
    if (!file.read(0, rpmLeadSize).subarray(0, 4).equals(rpmMagic.lead)) {
      throw unreadable(path, 'it does not begin as an RPM does');
    }
    const signature = readSection(file, path, rpmLeadSize);
    // The signature is padded to 8 bytes, the main header is not.
    const main = readSection(file, path, Math.ceil(signature.end / 8) * 8);
    const header = ({ index, data }: Section): RpmHeader => ({ path, payloadOffset: main.end, index, data });
    return { signature: header(signature), main: header(main) };
  } finally {
    closeSync(descriptor);
  }
}

/** The value of a string tag (also the first value of an array or of a translated string); undefined when absent. */
export function stringTag(header: RpmHeader, tag: number): string | undefined {
  return stringArrayTag(header, tag)[0];
}

/** All values of a string tag; empty when absent. */
export function stringArrayTag(header: RpmHeader, tag: number): string[] {
  const entry = header.index.get(tag);
  if (entry === undefined) return [];
  const { string, stringArray, i18nString } = rpmType;
  if (entry.type !== string && entry.type !== stringArray && entry.type !== i18nString) throw badTag(header, tag);
  const values: string[] = [];
  let start = entry.offset;
  for (let index = 0; index < (entry.type === string ? 1 : entry.count); index++) {
    const end = header.data.indexOf(0, start);
    if (end < 0) throw badTag(header, tag);
    values.push(header.data.toString('utf8', start, end));
    start = end + 1;
  }
  return values;
}

/** The first value of a number tag; undefined when absent. */
export function numberTag(header: RpmHeader, tag: number): number | undefined {
  return numberArrayTag(header, tag)[0];
}

/** All values of a number tag of any width; empty when absent. 64-bit values above 2^53 lose precision. */
export function numberArrayTag(header: RpmHeader, tag: number): number[] {
  const entry = header.index.get(tag);
  if (entry === undefined) return [];
  const width = numberWidths.get(entry.type);
  if (width === undefined || entry.offset + entry.count * width > header.data.length) throw badTag(header, tag);
  return Array.from({ length: entry.count }, (_, index) => {
    const at = entry.offset + index * width;
    return width === 8 ? Number(header.data.readBigUInt64BE(at)) : header.data.readUIntBE(at, width);
  });
}

/**
 * A header as the package database keeps it: without magic, lead and signature.
 * @param path for messages
 * @throws UserError `rpm-unreadable`
 */
export function rpmHeaderOf(blob: Buffer, path: string): RpmHeader {
  const entries = blob.length < 8 ? 0 : blob.readUInt32BE(0);
  const dataBytes = blob.length < 8 ? 0 : blob.readUInt32BE(4);
  if (entries === 0 || blob.length !== 8 + entries * 16 + dataBytes) throw unreadable(path, 'a header is damaged');
  return { path, payloadOffset: 0, ...parseBody(blob.subarray(8), entries, dataBytes, path) };
}

interface Section {
  readonly index: ReadonlyMap<number, IndexEntry>;
  readonly data: Buffer;
  readonly end: number;
}

function readSection(file: Beginning, path: string, start: number): Section {
  const intro = file.read(start, 16);
  if (!intro.subarray(0, 4).equals(rpmMagic.header)) throw unreadable(path, `there is no header at byte ${start}`);
  const entries = intro.readUInt32BE(8);
  const dataBytes = intro.readUInt32BE(12);
  if (entries > maximumEntries || dataBytes > maximumDataBytes) throw unreadable(path, 'its header is too large');
  const body = file.read(start + 16, entries * 16 + dataBytes);
  return { ...parseBody(body, entries, dataBytes, path), end: start + 16 + body.length };
}

function parseBody(body: Buffer, entries: number, dataBytes: number, path: string): Omit<Section, 'end'> {
  const index = new Map<number, IndexEntry>();
  for (let number = 0; number < entries; number++) {
    const at = number * 16;
    const offset = body.readUInt32BE(at + 8);
    if (offset > dataBytes) throw unreadable(path, 'its header points outside of itself');
    index.set(body.readUInt32BE(at), { type: body.readUInt32BE(at + 4), offset, count: body.readUInt32BE(at + 12) });
  }
  return { index, data: body.subarray(entries * 16) };
}

interface Beginning {
  /** @throws UserError `rpm-unreadable` where the file has less */
  read(position: number, length: number): Buffer;
}

/**
 * Most headers are in the first read. At once, because a compose reads hundreds, and each way through the thread pool takes longer than
 * such a read.
 */
function beginningOf(descriptor: number, path: string): Beginning {
  let known = readUpTo(descriptor, 0, usualBytes);
  return {
    read(position, length) {
      const end = position + length;
      if (end > known.length) known = Buffer.concat([known, readUpTo(descriptor, known.length, end - known.length)]);
      if (end > known.length) throw unreadable(path, `it ends after ${known.length} bytes`);
      return known.subarray(position, end);
    },
  };
}

const usualBytes = 64 * 1024;

function readUpTo(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
}

function badTag(header: RpmHeader, tag: number): UserError {
  return unreadable(header.path, `its header tag ${tag} is damaged`);
}

function unreadable(path: string, reason: string): UserError {
  return new UserError('rpm-unreadable', `${path} is not a readable RPM: ${reason}`, {
    hint: 'fetch the package again',
  });
}
