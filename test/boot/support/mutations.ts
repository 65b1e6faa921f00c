// Ways in which an image of the sample host can be broken, and what the harness must say about each: the check of the harness itself.
//
// Each takes an image that boots and alters its disk: no mock, no direct kernel. What is hastened (a time-out in fstab, a limit of memory) is hastened
// where a user could write the same.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RootFileSystem } from './altered-image.ts';

export interface Mutation {
  readonly title: string;
  /** Nothing but what is expected may be told: this breaks nothing else in its fall. */
  readonly alone: boolean;
  alter(root: RootFileSystem): Promise<void>;
  /** Check that must fail -> what its failure must match: it names the unit, the mount, the device or the argument. */
  readonly expected: Readonly<Record<string, RegExp>>;
}

export const mutations: readonly Mutation[] = [
  {
    title: 'the module of the root disk is missing in the initramfs',
    alone: true,
    alter: async (root) => {
      await changeInitramfs(root, (packed) => {
        const files = zstdDecompressSync(packed);
        // The name alone, of the same length: the archive stays whole and its module is not where modules.dep has it.
        const name = files.indexOf('/virtio_blk.ko');
        files.write('/virtio_non', name);
        return zstdCompressSync(files);
      });
    },
    expected: {
      'the boot completes':
        /^the boot hangs in the initramfs, waiting for \/dev\/disk\/by-label\/root \(dev-disk-by\\x2dlabel-root\.device\) for 120 s; the kernel found no disk: its driver's module \(virtio_blk, /,
    },
  },
  {
    title: 'a unit fails',
    alone: true,
    alter: (root) =>
      addUnit(
        root,
        'broken-by-test.service',
        '[Unit]\nDescription=Broken by a test\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
      ),
    expected: { 'no unit failed': /^broken-by-test\.service \(Broken by a test\)$/ },
  },
  {
    title: '/etc/fstab names a file system that does not exist',
    alone: false,
    alter: (root) =>
      root.write(
        `${root.deployment}/etc/fstab`,
        'LABEL=nowhere /var/data ext4 defaults,x-systemd.device-timeout=20s 0 2\n',
      ),
    expected: {
      'the boot completes':
        /^the boot failed in the userspace \(device-timeout: .*\/dev\/disk\/by-label\/nowhere\.; .*dependency-failed: \[DEPEND\] Dependency failed for var-data\.mount - \/var\/data\.; .*emergency-shell: /,
      'console and journal are clean': /^dependency-failed: .*Dependency failed for local-fs\.target/m,
    },
  },
  {
    title: 'the initramfs is corrupt',
    alone: false,
    alter: (root) =>
      changeInitramfs(root, (packed) =>
        packed.fill(0x5a, Math.floor(packed.length / 2), Math.floor(packed.length / 2) + 4096),
      ),
    expected: {
      'the boot completes':
        /^the boot failed in the (kernel|initramfs) \(initramfs-corrupt: .*Initramfs unpacking failed: ZSTD-compressed data is corrupt; kernel-panic: .*Kernel panic - not syncing: /,
    },
  },
  {
    title: '/boot is full',
    alone: false,
    alter: (root) => root.fill('/boot/filler', 4),
    expected: {
      'there is room': /^0 MiB are free on \/dev\/vda3 \(\/boot, \/etc, \/var\), 64 MiB are needed$/,
    },
  },
  {
    title: 'the kernel panics',
    alone: false,
    alter: (root) =>
      addUnit(root, 'panic.service', '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo c >/proc/sysrq-trigger"\n'),
    expected: {
      'the boot completes':
        /^the boot failed in the userspace \(kernel-panic: .*Kernel panic - not syncing: sysrq triggered crash\)/,
    },
  },
  {
    title: 'memory runs out',
    alone: false,
    alter: (root) =>
      addUnit(
        root,
        'greedy.service',
        '[Unit]\nDescription=Greedy\n[Service]\nType=oneshot\nMemoryMax=16M\nMemorySwapMax=0\nExecStart=-/usr/bin/tail /dev/zero\n',
      ),
    expected: {
      'console and journal are clean':
        /^out-of-memory: .*tail invoked oom-killer: .*\nout-of-memory: .*Memory cgroup out of memory: Killed process \d+ \(tail\)/m,
      'no unit failed': /^greedy\.service \(Greedy\)$/,
    },
  },
  {
    title: 'a unit hangs',
    alone: true,
    alter: (root) => addUnit(root, 'hung.service', '[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n'),
    expected: {
      'the boot completes': /^the system says "starting"$/,
      'no job is stuck': /^hung\.service: its start job is running$/,
    },
  },
  {
    title: 'a kernel argument is wrong',
    alone: true,
    alter: (root) => appendArguments(root, 'consol=ttyS0'),
    expected: { 'every kernel argument is known': /^nobody knows the kernel argument consol=ttyS0$/ },
  },
  {
    title: 'root= names no file system',
    alone: true,
    alter: async (root) => {
      const args = await root.kernelArguments();
      await root.setKernelArguments(`${args.replace('root=LABEL=root', 'root=LABEL=rot')}`);
    },
    expected: {
      'the boot completes':
        /^the boot hangs in the initramfs, waiting for \/dev\/disk\/by-label\/rot \(dev-disk-by\\x2dlabel-rot\.device\) for 120 s; the kernel has the disk vda, .* root= /,
    },
  },
  {
    title: 'sshd is off',
    alone: true,
    alter: (root) => root.remove(`${root.deployment}/etc/systemd/system/multi-user.target.wants/ssh.service`),
    expected: { 'ssh answers': /^nothing listens on port 22$/ },
  },
  {
    title: 'the kernel argument ostree= is missing',
    alone: false,
    alter: async (root) => {
      const args = await root.kernelArguments();
      await root.setKernelArguments(args.replace(/ ostree=\S+/, ''));
    },
    expected: {
      'the boot completes':
        /^the boot failed in the initramfs \(switch-root-failed: .*Failed to start initrd-switch-root\.service.*\); the kernel argument ostree= is missing, /,
    },
  },
  {
    title: '/var is read-only',
    alone: false,
    alter: (root) =>
      addUnit(root, 'protect-var.service', '[Service]\nType=oneshot\nExecStart=/bin/mount -o remount,bind,ro /var\n'),
    expected: { '/etc and /var can be written': /^\/var is read-only$/ },
  },
];

async function addUnit(root: RootFileSystem, name: string, text: string): Promise<void> {
  const folder = `${root.deployment}/etc/systemd/system`;
  await root.write(`${folder}/${name}`, text);
  await root.link(`${folder}/multi-user.target.wants/${name}`, `../${name}`);
}

async function appendArguments(root: RootFileSystem, text: string): Promise<void> {
  await root.setKernelArguments(`${await root.kernelArguments()} ${text}`);
}

async function changeInitramfs(root: RootFileSystem, change: (packed: Buffer) => Uint8Array): Promise<void> {
  await root.write(root.initramfs, change(await root.read(root.initramfs)));
}

/** The mutations of these titles. @throws Error for a title that there is not */
export function mutationsNamed(...titles: string[]): Mutation[] {
  return titles.map((title) => {
    const found = mutations.find((mutation) => mutation.title === title);
    if (found === undefined) throw new Error(`no mutation is called "${title}"`);
    return found;
  });
}
