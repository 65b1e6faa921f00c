// The architectures that packages and treefiles name.

/** Base architectures of Fedora and CentOS Stream, now or in the past. */
export const baseArchitectures: readonly string[] = [
  'x86_64',
  'aarch64',
  'ppc64le',
  's390x',
  'riscv64',
  'loongarch64',
  'i386',
  'armhfp',
  'ppc64',
];

/** Architectures of packages that are no base architecture. */
const packageArchitectures: readonly string[] = ['noarch', 'i686', 'armv7hl', 'x86_64_v2'];

/** Whether a word can be the architecture of a package. */
export function isArchitecture(word: string): boolean {
  return baseArchitectures.includes(word) || packageArchitectures.includes(word);
}
