// A commit that looks bootable to OSTree and is made in a moment: a kernel and an initramfs that are not real, an /etc, a few files
// with owners, modes, links and attributes worth keeping.

import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../lib/run.ts';

export const tinyHostRef = 'tiny/x86_64/host';

export interface TinyHostOptions {
  /** Kernel releases to put under /usr/lib/modules. Default: one. */
  readonly kernels?: readonly string[];
  readonly ref?: string;
  /** More files: path in the tree -> content. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Commits a tiny host into `folder`/repo (made if missing) and returns the repository's path. */
export async function tinyHost(folder: string, options: TinyHostOptions = {}): Promise<string> {
  const { kernels = ['6.1-tiny'], ref = tinyHostRef, files = {} } = options;
  const repo = join(folder, 'repo');
  const tree = join(folder, `tree-${ref.replaceAll('/', '-')}`);
  const content: Record<string, string> = {
    'usr/lib/os-release': 'NAME=Tiny\nID=tiny\nVERSION_ID=1\nPRETTY_NAME="Tiny host 1"\n',
    'usr/etc/hostname': 'tiny\n',
    'usr/bin/tool': '#!/bin/sh\nexit 0\n',
    'usr/share/data': 'x'.repeat(100_000),
    'usr/share/empty': '',
    ...files,
  };
  for (const kernel of kernels) {
    content[`usr/lib/modules/${kernel}/vmlinuz`] = `kernel ${kernel}`;
    content[`usr/lib/modules/${kernel}/initramfs.img`] = `initramfs ${kernel}`;
  }
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  for (const name of ['boot', 'sysroot', 'var']) await mkdir(join(tree, name), { recursive: true });
  await symlink('usr/bin', join(tree, 'bin'));
  await symlink('sysroot/ostree', join(tree, 'ostree'));
  const modes = join(folder, 'statoverride');
  await writeFile(modes, '=2541 /usr/bin/tool\n'); // 04755
  await run(['ostree', `--repo=${repo}`, 'init', '--mode=bare-user']);
  await run([
    ...['ostree', `--repo=${repo}`, 'commit', '--branch', ref, '--timestamp=2026-01-01 00:00:00 +0000'],
    ...['--owner-uid=0', '--owner-gid=0', `--statoverride=${modes}`],
    ...(kernels.length === 1 ? ['--bootable'] : []),
    ...['--add-metadata-string=version=1.2', `--tree=dir=${tree}`],
  ]);
  return repo;
}
