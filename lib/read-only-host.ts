// Makes the build machine read-only for this process and all that it starts, but for a few folders: a second line of defence behind
// lib/in-tree.ts. Only inside a mount namespace of one's own (lib/namespace.ts), root or not.

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { koffi, lastErrorName } from './koffi.ts';
import { bindToItself } from './mount.ts';

const syscall = koffi
  .load('libc.so.6')
  .func(
    'long syscall(long number, int folder, const char *path, uint32_t flags, const uint8_t *attributes, uintptr_t size)',
  );

/** The same on all architectures; in the C library only since glibc 2.36. */
const mountSetattr = 442;
const currentFolder = -100;
const readOnly = 1n;

/** Mounts of the kernel's own: nothing there outlives the machine, and programs hold files below /dev/shm open. */
const virtual = ['/dev', '/proc'];

/**
 * A folder that does not exist yet stands for the nearest that does.
 * @throws Error with `code` EPERM or ENOSYS where the machine does not allow it (mount_setattr(2) came with Linux 5.12), EBUSY when this
 * process or one of its own is writing to a file elsewhere
 */
export function makeHostReadOnly(writable: readonly string[]): void {
  // One mount for the folders of one another: hard links do not reach from mount to mount.
  const folders = outermost(writable.map(existing));
  for (const folder of folders) bindToItself(folder);
  for (const point of mountPoints(readFileSync('/proc/self/mountinfo', 'utf8'))) {
    if (![...folders, ...virtual].some((kept) => point === kept || isBelow(point, kept))) setReadOnly(point);
  }
}

/** Mount points in the text of /proc/PID/mountinfo, proc(5): its fifth field, with some bytes as `\040`. */
export function mountPoints(text: string): string[] {
  const points = text.split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  return points.map((point) =>
    point.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
  );
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

/** `struct mount_attr` of mount_setattr(2): four 64-bit numbers, of which the first has the bits to set. */
function setReadOnly(point: string): void {
  const attributes = Buffer.alloc(32);
  attributes.writeBigUInt64LE(readOnly);
  if (Number(syscall(mountSetattr, currentFolder, point, 0, attributes, attributes.length)) === 0) return;
  const code = lastErrorName();
  // Another mount lies above it: nobody reaches it.
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EINVAL') return;
  throw Object.assign(new Error(`cannot make ${point} read-only: ${code}`), { code });
}
