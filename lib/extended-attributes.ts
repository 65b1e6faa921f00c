// Extended attributes of files, which Node cannot reach: the C library's own calls, never following a symbolic link.

import { koffi, lastErrorName } from './koffi.ts';

const libc = koffi.load('libc.so.6');
const llistxattr = libc.func('intptr_t llistxattr(const char *path, _Out_ uint8_t *list, uintptr_t size)');
const lgetxattr = libc.func(
  'intptr_t lgetxattr(const char *path, const char *name, _Out_ uint8_t *value, uintptr_t size)',
);
const lsetxattr = libc.func(
  'int lsetxattr(const char *path, const char *name, const uint8_t *value, uintptr_t size, int flags)',
);
const lremovexattr = libc.func('int lremovexattr(const char *path, const char *name)');

/** The kernel's limits, xattr(7). */
const maximumBytes = 65_536;
const buffer = Buffer.alloc(maximumBytes);

/** Names of all attributes of a path that this process may see. A file system without attributes has none. */
export function listExtendedAttributes(path: string): string[] {
  const length = Number(llistxattr(path, buffer, maximumBytes));
  if (length < 0) {
    if (koffi.errno() === koffi.os.errno.EOPNOTSUPP) return [];
    throw failure('list the extended attributes', path);
  }
  return buffer
    .toString('utf8', 0, length)
    .split('\0')
    .filter((name) => name !== '');
}

export function getExtendedAttribute(path: string, name: string): Buffer {
  const length = Number(lgetxattr(path, name, buffer, maximumBytes));
  if (length < 0) throw failure(`read the extended attribute ${name}`, path);
  return Buffer.from(buffer.subarray(0, length));
}

export function setExtendedAttribute(path: string, name: string, value: Uint8Array): void {
  if (lsetxattr(path, name, value, value.length, 0) !== 0) throw failure(`set the extended attribute ${name}`, path);
}

export function removeExtendedAttribute(path: string, name: string): void {
  if (lremovexattr(path, name) !== 0) throw failure(`remove the extended attribute ${name}`, path);
}

function failure(what: string, path: string): Error {
  const name = lastErrorName();
  return Object.assign(new Error(`cannot ${what} of ${path}: ${name}`), { code: name });
}
