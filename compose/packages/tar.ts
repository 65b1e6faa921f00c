// Writes the entries of a tar archive (POSIX pax) as OSTree reads them with `--tree=tar=-`. Times and owners are left at zero: OSTree
// keeps no times, and owners are set in the assembled tree, where the names are known.

export type TarEntry =
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly data: Uint8Array };

const blockSize = 512;
const nameSize = 100;
const typeFlags = { file: '0', symlink: '2', directory: '5' } as const;

/** The blocks of one entry. Paths are relative to the root of the tree, e.g. `usr/bin/ls`. */
export function tarEntry(entry: TarEntry): Buffer {
  const path = entry.type === 'directory' ? `./${entry.path}/` : `./${entry.path}`;
  const target = entry.type === 'symlink' ? entry.target : '';
  const mode = entry.type === 'symlink' ? 0o777 : entry.mode & 0o7777;
  const data = entry.type === 'file' ? entry.data : new Uint8Array();
  const records = [
    ...(Buffer.byteLength(path) > nameSize ? [paxRecord('path', path)] : []),
    ...(Buffer.byteLength(target) > nameSize ? [paxRecord('linkpath', target)] : []),
  ].join('');
  const extension =
    records === '' ? [] : [tarHeader('pax', 0o644, Buffer.byteLength(records), 'x', ''), padded(Buffer.from(records))];
  return Buffer.concat([
    ...extension,
    tarHeader(path, mode, data.length, typeFlags[entry.type], target),
    ...(data.length === 0 ? [] : [padded(data)]),
  ]);
}

/** What an archive ends with. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockSize);
}

function tarHeader(path: string, mode: number, size: number, typeFlag: string, target: string): Buffer {
  const header = Buffer.alloc(blockSize);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  Buffer.from(path).copy(header, 0, 0, nameSize);
  header.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  header.write(`${octal(size, 11)}\0${octal(0, 11)}\0        ${typeFlag}`, 124);
  Buffer.from(target).copy(header, 157, 0, nameSize);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, itself included. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & (blockSize - 1))]);
}
