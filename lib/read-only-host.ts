// Makes the build machine read-only for this process and all that it starts, but for a few folders: a second line of defence behind
// lib/in-tree.ts. Only inside a mount namespace of one's own (lib/namespace.ts), root or not.

import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import koffi from 'koffi'; // MIT: calls C libraries; mount(8) of older distributions cannot make a whole tree of mounts read-only
import { type RunOptions, run } from './run.ts';

const syscall = koffi
  .load('libc.so.6')
  .func(
    'long syscall(long number, int folder, const char *path, uint32_t flags, const uint8_t *attributes, uintptr_t size)',
  );

/** The same on all architectures; in the C library only since glibc 2.36. */
const mountSetattr = 442;
const currentFolder = -100;
const recursive = 0x8000;
const readOnly = 1n;

/**
 * Programs still write to devices and below /proc. A folder that does not exist yet stands for the nearest that does.
 * @throws Error with `code` EPERM or ENOSYS where the machine does not allow it (mount_setattr(2) came with Linux 5.12)
 */
export async function makeHostReadOnly(writable: readonly string[], options: RunOptions): Promise<void> {
  // One mount for the folders of one another: hard links do not reach from mount to mount.
  const folders = outermost(writable.map(existing));
  for (const folder of folders) await run(['mount', '--rbind', folder, folder], options);
  changeMounts('/', { set: readOnly });
  for (const folder of [...folders, '/proc']) changeMounts(folder, { clear: readOnly });
}

/** @returns those that lie in no other one, sorted */
export function outermost(folders: readonly string[]): string[] {
  return [...new Set(folders)]
    .sort()
    .filter((each) => !folders.some((other) => other !== each && isBelow(each, other)));
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path.startsWith(`${folder}/`);
}

function existing(path: string): string {
  return existsSync(path) ? realpathSync(path) : existing(dirname(path));
}

/** `struct mount_attr` of mount_setattr(2): four 64-bit numbers, of which the first two are bits to set and to clear. */
function changeMounts(path: string, { set = 0n, clear = 0n }: { set?: bigint; clear?: bigint }): void {
  const attributes = Buffer.alloc(32);
  attributes.writeBigUInt64LE(set, 0);
  attributes.writeBigUInt64LE(clear, 8);
  if (Number(syscall(mountSetattr, currentFolder, path, recursive, attributes, attributes.length)) === 0) return;
  const number = koffi.errno();
  const code = Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
  throw Object.assign(new Error(`cannot change the mounts of ${path}: ${code}`), { code });
}
