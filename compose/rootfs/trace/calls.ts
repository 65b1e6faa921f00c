// The system calls of Linux by which a program gets at files, as a table: their numbers, and which of their arguments name files.
// Numbers are those of the kernel's unistd_64.h and asm-generic/unistd.h; arguments are described in section 2 of the manual.

/** Arguments that name a file: its path, and the open folder from which a relative one starts (null: the working folder). */
export interface NamedFile {
  readonly folder: number | null;
  readonly path: number;
}

export type FileCall =
  | { readonly kind: 'names'; readonly files: readonly NamedFile[]; readonly startsProgram: boolean }
  /** openat2(2): names a file, and may take an open folder for the root. */
  | { readonly kind: 'opens'; readonly files: readonly NamedFile[] }
  /** Names a socket, by an address that may be a path: unix(7). */
  | { readonly kind: 'addresses'; readonly address: number }
  /** Reads the names in the open folder of its first argument. */
  | { readonly kind: 'lists' }
  /** Makes another folder the root of the process, and of those that it starts. */
  | { readonly kind: 'changes-root' }
  /** Gets at files past all of these calls, or shows the program another tree. */
  | { readonly kind: 'escapes' }
  /** Starts a process; with one of `newTreeFlags` in its first argument, or where that points to, in another tree. */
  | { readonly kind: 'clones'; readonly flags: 'argument' | 'pointer' };

/** RESOLVE_IN_ROOT, and where openat2(2) is told: its third argument, from the 16th byte on. */
export const openInRoot = { flag: 0x10, argument: 2, offset: 16 };

/** AF_UNIX, the first 16 bits of an address, and where its path begins. */
export const pathAddress = { family: 1, offset: 2 };

/** CLONE_NEWNS and CLONE_NEWUSER, clone(2). */
export const newTreeFlags = 0x1002_0000;

type Row = readonly [name: string, x64: number | null, arm64: number | null, ...files: NamedFile[]];

const path = (argument: number): NamedFile => ({ folder: null, path: argument });
const at = (folder: number): NamedFile => ({ folder, path: folder + 1 });

const naming: readonly Row[] = [
  ['open', 2, null, path(0)],
  ['stat', 4, null, path(0)],
  ['lstat', 6, null, path(0)],
  ['access', 21, null, path(0)],
  ['truncate', 76, 45, path(0)],
  ['chdir', 80, 49, path(0)],
  ['rename', 82, null, path(0), path(1)],
  ['mkdir', 83, null, path(0)],
  ['rmdir', 84, null, path(0)],
  ['creat', 85, null, path(0)],
  ['link', 86, null, path(0), path(1)],
  ['unlink', 87, null, path(0)],
  ['symlink', 88, null, path(1)],
  ['readlink', 89, null, path(0)],
  ['chmod', 90, null, path(0)],
  ['chown', 92, null, path(0)],
  ['lchown', 94, null, path(0)],
  ['utime', 132, null, path(0)],
  ['mknod', 133, null, path(0)],
  ['uselib', 134, null, path(0)],
  ['statfs', 137, 43, path(0)],
  ['umount2', 166, 39, path(0)],
  ['quotactl', 179, 60, path(1)],
  ['setxattr', 188, 5, path(0)],
  ['lsetxattr', 189, 6, path(0)],
  ['getxattr', 191, 8, path(0)],
  ['lgetxattr', 192, 9, path(0)],
  ['listxattr', 194, 11, path(0)],
  ['llistxattr', 195, 12, path(0)],
  ['removexattr', 197, 14, path(0)],
  ['lremovexattr', 198, 15, path(0)],
  ['utimes', 235, null, path(0)],
  ['inotify_add_watch', 254, 27, path(1)],
  ['openat', 257, 56, at(0)],
  ['mkdirat', 258, 34, at(0)],
  ['mknodat', 259, 33, at(0)],
  ['fchownat', 260, 54, at(0)],
  ['futimesat', 261, null, at(0)],
  ['newfstatat', 262, 79, at(0)],
  ['unlinkat', 263, 35, at(0)],
  ['renameat', 264, 38, at(0), at(2)],
  ['linkat', 265, 37, at(0), at(2)],
  ['symlinkat', 266, 36, at(1)],
  ['readlinkat', 267, 78, at(0)],
  ['fchmodat', 268, 53, at(0)],
  ['faccessat', 269, 48, at(0)],
  ['utimensat', 280, 88, at(0)],
  ['fanotify_mark', 301, 263, at(3)],
  ['name_to_handle_at', 303, 264, at(0)],
  ['renameat2', 316, 276, at(0), at(2)],
  ['statx', 332, 291, at(0)],
  ['faccessat2', 439, 439, at(0)],
  ['fchmodat2', 452, 452, at(0)],
  ['setxattrat', 463, 463, at(0)],
  ['getxattrat', 464, 464, at(0)],
  ['listxattrat', 465, 465, at(0)],
  ['removexattrat', 466, 466, at(0)],
  ['file_getattr', 468, 468, at(0)],
  ['file_setattr', 469, 469, at(0)],
];

const starting: readonly Row[] = [
  ['execve', 59, 221, path(0)],
  ['execveat', 322, 281, at(0)],
];

const opening: readonly Row[] = [['openat2', 437, 437, at(0)]];

const listing: readonly Row[] = [
  ['getdents', 78, null],
  ['getdents64', 217, 61],
];

const escaping: readonly Row[] = [
  ['pivot_root', 155, 41],
  ['mount', 165, 40],
  ['unshare', 272, 97],
  ['open_by_handle_at', 304, 265],
  ['setns', 308, 268],
  ['io_uring_setup', 425, 425],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsmount', 432, 432],
  ['mount_setattr', 442, 442],
  ['open_tree_attr', 467, 467],
];

/** With the number of the argument that is the address. */
const addressing: readonly (readonly [address: number, row: Row])[] = [
  [1, ['connect', 42, 203]],
  [4, ['sendto', 44, 206]],
  [1, ['bind', 49, 200]],
];

const rooting: readonly Row[] = [['chroot', 161, 51]];
const cloning: readonly Row[] = [['clone', 56, 220]];
const cloning3: readonly Row[] = [['clone3', 435, 435]];

/** What is told apart of one kind of machine. */
export interface Architecture {
  /** AUDIT_ARCH_* of linux/audit.h: which table of system calls a call belongs to. */
  readonly audit: number;
  /** The number of seccomp(2) itself. */
  readonly seccomp: number;
  readonly calls: ReadonlyMap<number, FileCall>;
}

const architectures: Readonly<Record<string, Architecture>> = {
  x64: { audit: 0xc000_003e, seccomp: 317, calls: callsOf(1) },
  arm64: { audit: 0xc000_00b7, seccomp: 277, calls: callsOf(2) },
};

/** @param name as `process.arch` gives it; null for one whose calls are not known */
export function architectureOf(name: string): Architecture | null {
  return architectures[name] ?? null;
}

function callsOf(column: 1 | 2): Map<number, FileCall> {
  const calls = new Map<number, FileCall>();
  const add = (rows: readonly Row[], call: (files: readonly NamedFile[]) => FileCall): void => {
    for (const [name, x64, arm64, ...files] of rows) {
      const number = [name, x64, arm64][column] as number | null;
      if (number !== null) calls.set(number, call(files));
    }
  };
  add(naming, (files) => ({ kind: 'names', files, startsProgram: false }));
  add(starting, (files) => ({ kind: 'names', files, startsProgram: true }));
  add(opening, (files) => ({ kind: 'opens', files }));
  for (const [address, row] of addressing) add([row], () => ({ kind: 'addresses', address }));
  add(listing, () => ({ kind: 'lists' }));
  add(escaping, () => ({ kind: 'escapes' }));
  add(rooting, () => ({ kind: 'changes-root' }));
  add(cloning, () => ({ kind: 'clones', flags: 'argument' }));
  add(cloning3, () => ({ kind: 'clones', flags: 'pointer' }));
  return calls;
}
