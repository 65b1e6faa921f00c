// Reads tar archives as dpkg makes them: ustar with GNU long names, and pax headers.

export interface TarEntry {
  /** As in the archive, e.g. `./usr/bin/env`; a final slash is removed. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly user: string;
  readonly group: string;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Target of a symbolic or hard link. */
  readonly linkName: string;
  /** A view into the archive's bytes. */
  readonly content: Buffer;
}

const blockSize = 512;
const entryTypes: Readonly<Record<string, TarEntry['type']>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};

/** @throws RangeError when the archive ends within an entry. */
export function* readTar(archive: Buffer): Generator<TarEntry> {
  let longName: string | undefined;
  let longLink: string | undefined;
  for (let offset = 0; offset + blockSize <= archive.length; ) {
    const header = archive.subarray(offset, offset + blockSize);
    if (header[0] === 0) return;
    const size = numberField(header, 124, 12);
    const start = offset + blockSize;
    if (start + size > archive.length) throw new RangeError(`the archive ends within ${textField(header, 0, 100)}`);
    const content = archive.subarray(start, start + size);
    offset = start + Math.ceil(size / blockSize) * blockSize;
    const flag = String.fromCharCode(header[156]!);
    if (flag === 'L') longName = textField(content, 0, content.length);
    else if (flag === 'K') longLink = textField(content, 0, content.length);
    else if (flag === 'x') {
      const records = paxRecords(content);
      longName = records.get('path') ?? longName;
      longLink = records.get('linkpath') ?? longLink;
    } else if (flag !== 'g') {
      yield {
        name: (longName ?? headerName(header)).replace(/\/$/, ''),
        type: entryTypes[flag] ?? 'other',
        mode: numberField(header, 100, 8) & 0o7777,
        user: textField(header, 265, 32),
        group: textField(header, 297, 32),
        mtime: numberField(header, 136, 12),
        linkName: longLink ?? textField(header, 157, 100),
        content,
      };
      longName = undefined;
      longLink = undefined;
    }
  }
}

function headerName(header: Buffer): string {
  const name = textField(header, 0, 100);
  // GNU tar's magic is "ustar " and has no prefix field.
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textField(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textField(bytes: Buffer, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** Octal digits, or a big-endian number when the first bit is set (GNU's base-256). */
function numberField(header: Buffer, offset: number, length: number): number {
  if ((header[offset]! & 0x80) === 0) return Number.parseInt(textField(header, offset, length).trim() || '0', 8);
  return Number(BigInt.asUintN(length * 8 - 1, BigInt(`0x${header.toString('hex', offset, offset + length)}`)));
}

/** Records of a pax header are `LENGTH KEY=VALUE\n`. */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let offset = 0; offset < content.length; ) {
    const length = Number.parseInt(content.toString('latin1', offset, offset + 20), 10);
    if (!(length > 0)) break;
    const record = content.toString('utf8', content.indexOf(0x20, offset) + 1, offset + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return records;
}
