// Writes tar archives (POSIX pax, pax(1)): the headers of entries, without a clock or the caller's names in them. The one writer behind
// trees with labels or signatures, boot loader configuration and the layers of container images.

export interface TarHeader {
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink';
  /** As it stands in the archive; a directory's ends with a slash. */
  readonly path: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Bytes of a file's content. Default 0. */
  readonly size?: number;
  /** What a link points to. */
  readonly target?: string;
  /** Extended attributes by their full name, e.g. `security.capability`. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

const blockSize = 512;
const nameSize = 100;
const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;
/** What the octal fields of the header can hold; more goes into pax records. */
const largestId = 0o7777777;
const largestSize = 0o77777777777;

/** The blocks before an entry's content; times are zero. A file's content follows, then `tarPadding(size)`. */
export function tarHeader(header: TarHeader): Buffer {
  const { path, target = '', size = 0, uid = 0, gid = 0, xattrs = new Map<string, Uint8Array>() } = header;
  const records = [
    ...(Buffer.byteLength(path) > nameSize ? [paxRecord('path', path)] : []),
    ...(Buffer.byteLength(target) > nameSize ? [paxRecord('linkpath', target)] : []),
    ...(uid > largestId ? [paxRecord('uid', String(uid))] : []),
    ...(gid > largestId ? [paxRecord('gid', String(gid))] : []),
    ...(size > largestSize ? [paxRecord('size', String(size))] : []),
    // libarchive gives them out last first, and the checksums of OSTree's objects want them sorted.
    ...[...xattrs]
      .sort(([a], [b]) => (a > b ? -1 : 1))
      .map(([name, value]) => paxRecord(`SCHILY.xattr.${name}`, value)),
  ];
  const own = ustarHeader({ path, mode: header.mode, uid, gid, size, target, typeFlag: typeFlags[header.type] });
  if (records.length === 0) return own;
  const extension = Buffer.concat(records);
  const before = { path: 'pax', mode: 0o644, uid: 0, gid: 0, size: extension.length, target: '', typeFlag: 'x' };
  return Buffer.concat([ustarHeader(before), extension, tarPadding(extension.length), own]);
}

/** Zeroes after a content of `size` bytes, up to the next block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** What an archive ends with. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockSize);
}

interface UstarFields {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly target: string;
  readonly typeFlag: string;
}

function ustarHeader({ path, mode, uid, gid, size, target, typeFlag }: UstarFields): Buffer {
  const header = Buffer.alloc(blockSize);
  // A number that does not fit stands in the pax records; the field is then zero.
  const octal = (value: number, digits: number): string =>
    (value < 8 ** digits ? value : 0).toString(8).padStart(digits, '0');
  Buffer.from(path).copy(header, 0, 0, nameSize);
  header.write(`${octal(mode, 7)}\0${octal(uid, 7)}\0${octal(gid, 7)}\0`, 100);
  header.write(`${octal(size, 11)}\0${octal(0, 11)}\0        ${typeFlag}`, 124);
  Buffer.from(target).copy(header, 157, 0, nameSize);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, itself included. */
function paxRecord(key: string, value: string | Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length + String(rest.length).length;
  if (String(length).length > String(rest.length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
