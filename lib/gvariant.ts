// Reads and writes GVariant data, the binary form of OSTree's commits, detached metadata and summaries. Numbers are big-endian, as OSTree's own
// are and as ostree and rpm-ostree take those in metadata (ostree: ot_dump_variant(); rpm-ostree: rpmostree_composeutil_finalize_metadata()).
// Source: "GVariant Specification" of the GNOME documentation; only normal form is written, and only normal form is sure to be read well.

/** `ay` is a Uint8Array, other arrays and tuples are arrays, a dictionary entry is a pair, a maybe is null or its value, 64 bits are bigint. */
export type VariantValue = boolean | number | bigint | string | null | Uint8Array | readonly VariantValue[] | Variant;

/** A value that carries its type, GVariant's `v`. */
export interface Variant {
  readonly type: string;
  readonly value: VariantValue;
}

/** Alignment and size in bytes of the types of fixed size with one letter. */
const numberSizes: Readonly<Record<string, number>> = { b: 1, y: 1, n: 2, q: 2, i: 4, h: 4, u: 4, x: 8, t: 8, d: 8 };

/** As in D-Bus. No file of OSTree comes near it, and deeply nested types take long to read. */
const longestType = 255;

/** @throws RangeError for data that is too short for its type or not in order, TypeError for a type that does not exist */
export function readVariant(type: string, data: Uint8Array): VariantValue {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const letter = type[0]!;
  if (letter in numberSizes) return readNumber(letter, bytes);
  switch (letter) {
    case 's':
    case 'o':
    case 'g':
      return bytes.toString('utf8', 0, Math.max(0, bytes.length - 1));
    case 'v': {
      const nul = bytes.lastIndexOf(0);
      const inner = bytes.toString('latin1', nul + 1);
      if (inner.length > longestType) throw new TypeError(`there is no GVariant type of ${inner.length} letters`);
      return { type: inner, value: readVariant(inner, bytes.subarray(0, Math.max(0, nul))) };
    }
    case 'm': {
      const child = type.slice(1);
      if (bytes.length === 0) return null;
      return readVariant(child, fixedSize(child) === null ? bytes.subarray(0, -1) : bytes);
    }
    case 'a':
      return type === 'ay' ? Uint8Array.from(bytes) : readArray(type.slice(1), bytes);
    case '(':
    case '{':
      return readTuple(memberTypes(type), bytes);
  }
  throw new TypeError(`there is no GVariant type ${type}`);
}

export function writeVariant(type: string, value: VariantValue): Buffer {
  const letter = type[0]!;
  if (letter in numberSizes) return writeNumber(letter, value);
  switch (letter) {
    case 's':
    case 'o':
    case 'g':
      return Buffer.from(`${value as string}\0`);
    case 'v': {
      const { type: inner, value: content } = value as Variant;
      return Buffer.concat([writeVariant(inner, content), Buffer.from(`\0${inner}`, 'latin1')]);
    }
    case 'm': {
      const child = type.slice(1);
      if (value === null) return Buffer.alloc(0);
      const content = writeVariant(child, value);
      return fixedSize(child) === null ? Buffer.concat([content, Buffer.alloc(1)]) : content;
    }
    case 'a':
      return type === 'ay' ? Buffer.from(value as Uint8Array) : writeArray(type.slice(1), value as VariantValue[]);
    case '(':
    case '{':
      return writeTuple(type, value as VariantValue[]);
  }
  throw new TypeError(`there is no GVariant type ${type}`);
}

/** The value of an `a{sv}` with these entries, sorted by key. */
export function sortedEntries(entries: ReadonlyMap<string, Variant>): VariantValue {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The entries of an `a{sv}` that was read. */
export function dictionaryOf(value: VariantValue): Map<string, Variant> {
  return new Map(value as unknown as [string, Variant][]);
}

function readArray(child: string, bytes: Buffer): VariantValue[] {
  const fixed = fixedSize(child);
  if (fixed !== null) {
    const count = Math.floor(bytes.length / fixed);
    return Array.from({ length: count }, (_, at) => readVariant(child, bytes.subarray(at * fixed, (at + 1) * fixed)));
  }
  if (bytes.length === 0) return [];
  const width = offsetWidth(bytes.length);
  const table = bytes.readUIntLE(bytes.length - width, Math.min(width, 6));
  const count = (bytes.length - table) / width;
  if (count < 0 || !Number.isInteger(count)) throw new RangeError(`no table of offsets is at ${table}`);
  let start = 0;
  return Array.from({ length: count }, (_, at) => {
    start = aligned(start, alignmentOf(child));
    const end = bytes.readUIntLE(table + at * width, Math.min(width, 6));
    const value = readVariant(child, memberBytes(bytes, start, end));
    start = end;
    return value;
  });
}

function readTuple(types: readonly string[], bytes: Buffer): VariantValue[] {
  const width = offsetWidth(bytes.length);
  let offsets = 0;
  let start = 0;
  return types.map((type, at) => {
    start = aligned(start, alignmentOf(type));
    const fixed = fixedSize(type);
    let end: number;
    if (fixed !== null) end = start + fixed;
    else if (at === types.length - 1) end = bytes.length - offsets * width;
    else end = bytes.readUIntLE(bytes.length - ++offsets * width, Math.min(width, 6));
    const value = readVariant(type, memberBytes(bytes, start, end));
    start = end;
    return value;
  });
}

/** Members of normal form follow each other, so that nothing is read twice: hostile data could otherwise take for ever. */
function memberBytes(container: Buffer, start: number, end: number): Buffer {
  if (start <= end && end <= container.length) return container.subarray(start, end);
  throw new RangeError(`there is no member from ${start} to ${end} in ${container.length} bytes`);
}

function writeArray(child: string, values: readonly VariantValue[]): Buffer {
  const body = new Body();
  const ends = values.map((value) => body.add(child, value));
  return fixedSize(child) === null ? body.finish(ends) : body.finish([]);
}

function writeTuple(type: string, values: readonly VariantValue[]): Buffer {
  const types = memberTypes(type);
  const body = new Body();
  const ends: number[] = [];
  types.forEach((member, at) => {
    const end = body.add(member, values[at]!);
    if (fixedSize(member) === null && at < types.length - 1) ends.unshift(end);
  });
  if (fixedSize(type) !== null) body.align(alignmentOf(type));
  return body.finish(ends);
}

/** The bytes of a container while they grow. */
class Body {
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** Returns where the member ends. */
  add(type: string, value: VariantValue): number {
    this.align(alignmentOf(type));
    return this.#push(writeVariant(type, value));
  }

  align(alignment: number): void {
    this.#push(Buffer.alloc(aligned(this.#length, alignment) - this.#length));
  }

  finish(ends: readonly number[]): Buffer {
    const width = [1, 2, 4, 8].find((each) => offsetWidth(this.#length + ends.length * each) <= each)!;
    for (const end of ends) {
      const offset = Buffer.alloc(width);
      offset.writeUIntLE(end, 0, Math.min(width, 6));
      this.#push(offset);
    }
    return Buffer.concat(this.#parts);
  }

  #push(part: Buffer): number {
    this.#parts.push(part);
    this.#length += part.length;
    return this.#length;
  }
}

function readNumber(letter: string, bytes: Buffer): boolean | number | bigint {
  switch (letter) {
    case 'b':
      return bytes.readUInt8() !== 0;
    case 'x':
      return bytes.readBigInt64BE();
    case 't':
      return bytes.readBigUInt64BE();
    case 'd':
      return bytes.readDoubleBE();
    case 'n':
    case 'i':
    case 'h':
      return bytes.readIntBE(0, numberSizes[letter]!);
    default:
      return bytes.readUIntBE(0, numberSizes[letter]!);
  }
}

function writeNumber(letter: string, value: VariantValue): Buffer {
  const size = numberSizes[letter]!;
  const bytes = Buffer.alloc(size);
  switch (letter) {
    case 'b':
      bytes.writeUInt8(value === true ? 1 : 0);
      break;
    case 'x':
      bytes.writeBigInt64BE(value as bigint);
      break;
    case 't':
      bytes.writeBigUInt64BE(value as bigint);
      break;
    case 'd':
      bytes.writeDoubleBE(value as number);
      break;
    case 'n':
    case 'i':
    case 'h':
      bytes.writeIntBE(value as number, 0, size);
      break;
    default:
      bytes.writeUIntBE(value as number, 0, size);
  }
  return bytes;
}

function alignmentOf(type: string): number {
  const letter = type[0]!;
  if (letter in numberSizes) return numberSizes[letter]!;
  if (letter === 'v') return 8;
  if (letter === 'a' || letter === 'm') return alignmentOf(type.slice(1));
  if (letter === '(' || letter === '{') return Math.max(1, ...memberTypes(type).map(alignmentOf));
  return 1;
}

/** Bytes of a type whose values all have one size; else null. */
function fixedSize(type: string): number | null {
  const letter = type[0]!;
  if (letter in numberSizes) return numberSizes[letter]!;
  if (letter !== '(' && letter !== '{') return null;
  let size = 0;
  for (const member of memberTypes(type)) {
    const own = fixedSize(member);
    if (own === null) return null;
    size = aligned(size, alignmentOf(member)) + own;
  }
  return Math.max(1, aligned(size, alignmentOf(type)));
}

/** `(a{sv}as)` -> `a{sv}`, `as`. */
function memberTypes(type: string): string[] {
  const types: string[] = [];
  let at = 1;
  while (at < type.length - 1) {
    const end = typeEnd(type, at);
    types.push(type.slice(at, end));
    at = end;
  }
  return types;
}

function typeEnd(type: string, start: number): number {
  let at = start;
  while (type[at] === 'a' || type[at] === 'm') at++;
  let depth = 0;
  do {
    if (type[at] === '(' || type[at] === '{') depth++;
    if (type[at] === ')' || type[at] === '}') depth--;
    if (type[at++] === undefined) throw new TypeError(`there is no GVariant type ${type}`);
  } while (depth > 0);
  return at;
}

function offsetWidth(size: number): 1 | 2 | 4 | 8 {
  return size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffffffff ? 4 : 8;
}

function aligned(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
