// Every program and library of the machine that Slipway uses: what for, and which package brings it. `slipway doctor`, the launcher's list of packages and
// the sentence for a missing tool all come from this one table.

export interface ExternalTool {
  readonly program: string;
  /** Fits behind "it is needed to …". */
  readonly purpose: string;
  readonly debian: string;
  readonly fedora: string;
  /** Arguments that make it print its version. */
  readonly versionArgs: readonly string[];
  readonly usedBy: readonly ('compose' | 'images' | 'qemu' | 'sample-distribution' | 'tests')[];
}

function tool(
  program: string,
  purpose: string,
  debian: string,
  fedora: string,
  usedBy: ExternalTool['usedBy'],
  versionArgs: readonly string[] = ['--version'],
): ExternalTool {
  return { program, purpose, debian, fedora, versionArgs, usedBy };
}

export const externalTools: readonly ExternalTool[] = [
  tool('ostree', 'write, check and deploy OSTree commits', 'ostree', 'ostree', ['compose', 'images']),
  tool('rpm', 'write and read the package database of the tree', 'rpm', 'rpm', ['compose', 'images']),
  tool('rpmkeys', 'check package signatures', 'rpm', 'rpm', ['compose']),
  tool('gpgv', 'check signatures of repositories and commits', 'gpgv', 'gnupg2', ['compose']),
  tool('gpg', 'sign commits with GPG keys', 'gpg gpg-agent', 'gnupg2', ['compose', 'tests']),
  tool('bwrap', 'confine scriptlets', 'bubblewrap', 'bubblewrap', ['compose']),
  tool('unshare', 'enter a user namespace', 'util-linux', 'util-linux', ['compose', 'images']),
  tool('flock', 'let one process at a time move a ref', 'util-linux', 'util-linux', ['compose']),
  tool('newuidmap', 'map user ids when not run as root', 'uidmap', 'shadow-utils', ['compose', 'images'], []),
  tool('mount', 'lay an overlay over the tree while an image is made', 'mount', 'util-linux', ['images']),
  tool('find', 'see whether cached files were written to', 'findutils', 'findutils', ['compose']),
  tool('xz', 'unpack xz payloads', 'xz-utils', 'xz', ['compose', 'sample-distribution']),
  tool('createrepo_c', 'write repository metadata', 'createrepo-c', 'createrepo_c', ['sample-distribution', 'tests']),
  tool(
    'busybox',
    'be the programs in the trees that tests compose',
    'busybox-static',
    'busybox',
    ['tests'],
    ['--help'],
  ),
  tool('zstd', 'make packages for tests', 'zstd', 'zstd', ['tests']),
  tool('sgdisk', 'check partition tables', 'gdisk', 'gdisk', ['tests']),
  tool('mkfs.ext4', 'make root file systems', 'e2fsprogs', 'e2fsprogs', ['images', 'qemu'], ['-V']),
  tool('debugfs', 'make deployments in images immutable', 'e2fsprogs', 'e2fsprogs', ['images', 'tests'], ['-V']),
  tool('mkfs.vfat', 'make EFI system partitions', 'dosfstools', 'dosfstools', ['images'], []),
  tool('mmd', 'make folders in EFI system partitions', 'mtools', 'mtools', ['images']),
  tool('mcopy', 'fill EFI system partitions without a mount', 'mtools', 'mtools', ['images']),
  tool(
    'grub-mkimage',
    'make boot loader images',
    'grub-common grub-pc-bin grub-efi-amd64-bin',
    'grub2-tools grub2-pc-modules grub2-efi-x64-modules',
    ['images'],
  ),
  tool('skopeo', 'push container images', 'skopeo', 'skopeo', ['images']),
  tool('podman', 'run container images in tests', 'podman', 'podman', ['tests']),
  tool('crun', 'be the runtime of podman', 'crun', 'crun', ['tests']),
  tool('strip', "make the host agent's runtime smaller", 'binutils', 'binutils', ['sample-distribution']),
  tool('qemu-img', 'convert and measure disk images', 'qemu-utils', 'qemu-img', ['images', 'qemu']),
  tool('qemu-nbd', 'write what survived a power cut', 'qemu-utils', 'qemu-img', ['qemu']),
  tool('swtpm', 'give virtual machines a TPM', 'swtpm', 'swtpm', ['qemu']),
  tool('setpriv', 'end virtual machines when Slipway ends', 'util-linux', 'util-linux', ['qemu']),
  tool('qemu-system-x86_64', 'boot images', 'qemu-system-x86 ovmf', 'qemu-system-x86-core edk2-ovmf', ['qemu']),
  tool('strace', 'check what our own tracer sees', 'strace', 'strace', ['tests']),
  tool('taskset', 'compose on one processor in tests', 'util-linux', 'util-linux', ['tests']),
  tool('faketime', 'compose on another day in tests', 'faketime', 'libfaketime', ['tests']),
  tool('openssl', 'make certificates for tests', 'openssl', 'openssl', ['tests'], ['version']),
  tool('sbsign', 'sign boot loaders and kernels in tests', 'sbsigntool', 'sbsigntools', ['tests']),
  tool('script', 'give commands a terminal in tests', 'bsdutils', 'util-linux-script', ['tests']),
  tool('git', 'list the files of the checkout in tests', 'git', 'git', ['tests']),
  tool('sqlite3', 'settle the package database of the benchmark by hand', 'sqlite3', 'sqlite', ['tests']),
  tool('readelf', 'tell what programs need in tests', 'binutils', 'binutils', ['tests']),
  tool('dnf', 'be the oracle of resolver tests and the peer of the benchmark', 'dnf', 'dnf', ['tests']),
];

/** A shared library that Slipway loads into its own process. */
export interface ExternalLibrary {
  /** File name as the dynamic loader knows it. */
  readonly file: string;
  readonly purpose: string;
  readonly debian: string;
  readonly fedora: string;
  readonly usedBy: ExternalTool['usedBy'];
}

export const externalLibraries: readonly ExternalLibrary[] = [
  { file: 'libsolv.so.1', purpose: 'resolve dependencies', debian: 'libsolv1', fedora: 'libsolv', usedBy: ['compose'] },
];

/** Packages that hold neither a program nor a library that is loaded. */
export const otherPackages: readonly Pick<ExternalTool, 'purpose' | 'debian' | 'fedora' | 'usedBy'>[] = [
  {
    purpose: "check our prototypes of libsolv's functions against its headers",
    debian: 'libsolv-dev libsolvext-dev',
    fedora: 'libsolv-devel',
    usedBy: ['tests'],
  },
  {
    purpose: 'be what the firmware starts in tests of Secure Boot',
    debian: 'shim-unsigned',
    fedora: 'shim-unsigned-x64',
    usedBy: ['tests'],
  },
];

export function toolFor(program: string): ExternalTool | undefined {
  const name = program.slice(program.lastIndexOf('/') + 1);
  return externalTools.find((entry) => entry.program === name);
}
