// mount(2) and umount2(2), for mount namespaces of our own (namespace.ts): without a program that has to be started, and without its
// words for options.

import { koffi, lastErrorName } from './koffi.ts';

const libc = koffi.load('libc.so.6');
const mount = libc.func(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
);
const umount2 = libc.func('int umount2(const char *target, int flags)');

/** MS_BIND | MS_REC */
const bindAll = 0x1000 | 0x4000;

/** Makes a folder with all mounts below it a mount of its own. @throws Error with `code` and `path` */
export function bindToItself(folder: string): void {
  if (mount(folder, folder, null, bindAll, null) !== 0) throw failure('mount', folder);
}

/** @param options as mount(8) takes them behind -o, for this type @throws Error with `code` and `path` */
export function mountFileSystem(type: string, target: string, options: readonly string[]): void {
  if (mount(type, target, type, 0, options.join()) !== 0) throw failure(`mount ${type} at`, target);
}

/** @throws Error with `code` and `path` */
export function unmount(target: string): void {
  if (umount2(target, 0) !== 0) throw failure('unmount', target);
}

function failure(what: string, path: string): Error {
  const code = lastErrorName();
  return Object.assign(new Error(`cannot ${what} ${path}: ${code}`), { code, path });
}
