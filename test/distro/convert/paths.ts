// Where the files of a Debian package go in an image-based host: /bin, /sbin and /lib* below /usr, the kernel beside its modules. Pure.

import { posix } from 'node:path';

const mergedDirectories = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']);

/** Directories and links of the base layout: the package `filesystem` owns them, and no converted package does. */
const baseLayout = new Set([
  ...[
    '/',
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/home',
    '/lib',
    '/lib64',
    '/media',
    '/mnt',
    '/opt',
    '/proc',
    '/root',
    '/run',
    '/sbin',
  ],
  ...[
    '/srv',
    '/sys',
    '/tmp',
    '/usr',
    '/usr/bin',
    '/usr/games',
    '/usr/include',
    '/usr/lib',
    '/usr/lib64',
    '/usr/local',
    '/usr/sbin',
  ],
  ...[
    '/usr/share',
    '/usr/share/doc',
    '/usr/share/man',
    '/usr/src',
    '/var',
    '/var/cache',
    '/var/lib',
    '/var/lock',
    '/var/log',
  ],
  ...['/var/mail', '/var/run', '/var/spool', '/var/tmp'],
]);

/** Whether the path belongs to the base layout, or lies below a link of it to /run. */
export function isBaseLayout(path: string): boolean {
  return baseLayout.has(path) || /^\/var\/(?:run|lock)\//.test(path);
}

/** The absolute path of a tar entry's name: `./usr/bin/env` is `/usr/bin/env`. */
export function pathOfEntry(name: string): string {
  return posix.normalize(`/${name}`).replace(/(.)\/$/, '$1');
}

/** The path at which a converted package has the file. */
export function mapPath(path: string): string {
  const kernel = /^\/boot\/(vmlinuz|config|System\.map)-(\d.*)$/.exec(path);
  if (kernel !== null) return `/usr/lib/modules/${kernel[2]}/${kernel[1]}`;
  return mergeUsr(path);
}

/** The target of a symbolic link after it or its target has moved; relative targets stay relative. */
export function mapLinkTarget(oldPath: string, newPath: string, target: string): string {
  if (target.startsWith('/')) return mergeUsr(target);
  if (posix.dirname(oldPath) === posix.dirname(newPath)) return target;
  const absolute = mergeUsr(posix.join(posix.dirname(oldPath), target));
  return posix.relative(posix.dirname(newPath), absolute);
}

/** Whether a link at `path` points at itself, as `/bin/x -> /usr/bin/x` does after the merge. */
export function isSelfLink(path: string, target: string): boolean {
  return posix.resolve(posix.dirname(path), target) === path;
}

function mergeUsr(path: string): string {
  const first = path.split('/', 2)[1] ?? '';
  return mergedDirectories.has(first) ? `/usr${path}` : path;
}
