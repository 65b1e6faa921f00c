// The physical sysroot: the folder that becomes the root file system, with a repository, one deployment and OSTree's boot entries.

import { lstatSync, readdirSync } from 'node:fs';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import type { RootContent } from './layout.ts';
import type { GpgPolicy, ImagePlan } from './plan.ts';
import { rootBlockSize } from './root-filesystem.ts';
import { roundUp } from './size.ts';

/**
 * Makes the sysroot in `folder`, which must not exist.
 * OSTree's syslinux backend only rewrites a file that is there, so the first one is ours; GRUB reads it (see grub.cfg.hbs).
 */
export async function makeSysroot(folder: string, plan: ImagePlan, { events, signal }: WorkerTools): Promise<void> {
  // The image is flushed as one file at the end. An immutable bit would be lost in the copy and rm would stumble over it: makeImmutable().
  const env = { OSTREE_SYSROOT_OPTS: 'skip-sync', OSTREE_SYSROOT_DEBUG: 'mutable-deployments' };
  const runAll = async (commands: readonly string[][]): Promise<void> => {
    for (const argv of commands) await run(argv, { env, events, signal });
  };
  await mkdir(folder);
  await runAll(initCommands(folder, plan));
  await mkdir(join(folder, 'boot/syslinux'));
  await symlink('../loader/syslinux.cfg', join(folder, 'boot/syslinux/syslinux.cfg'));
  await mkdir(join(folder, 'boot/loader.0'));
  await symlink('loader.0', join(folder, 'boot/loader'));
  await writeFile(join(folder, 'boot/loader.0/syslinux.cfg'), 'TIMEOUT 10\nPROMPT 0\n');
  await runAll(deployCommands(folder, plan));
  if (plan.ignitionFirstBoot) await writeFile(join(folder, 'boot/ignition.firstboot'), '');
  await utimes(folder, plan.sourceDateEpoch, plan.sourceDateEpoch);
}

export function initCommands(folder: string, { stateroot }: Pick<ImagePlan, 'stateroot'>): string[][] {
  const repo = `--repo=${folder}/ostree/repo`;
  return [
    ['ostree', 'admin', 'init-fs', '--modern', folder],
    ['ostree', 'admin', 'os-init', `--sysroot=${folder}`, stateroot],
    ['ostree', repo, 'config', 'set', 'sysroot.bootprefix', 'true'],
    ['ostree', repo, 'config', 'set', 'sysroot.readonly', 'true'],
    ['ostree', repo, 'config', 'set', 'sysroot.bootloader', 'syslinux'],
  ];
}

/** Pulls the very commit (not what the ref may name by now), gives it the remote's branch, deploys that. */
export function deployCommands(
  folder: string,
  plan: Pick<ImagePlan, 'commit' | 'remote' | 'stateroot' | 'kernelArguments'>,
): string[][] {
  const { commit, remote, stateroot, kernelArguments } = plan;
  const repo = `--repo=${folder}/ostree/repo`;
  const branch = `${remote.name}:${commit.ref}`;
  return [
    ...(remote.url === null
      ? []
      : [['ostree', repo, 'remote', 'add', ...gpgOptions(remote.gpg), remote.name, remote.url]]),
    ['ostree', repo, 'pull-local', '--disable-fsync', commit.repo, commit.checksum],
    ['ostree', repo, 'refs', `--create=${branch}`, commit.checksum],
    [
      ...['ostree', 'admin', 'deploy'],
      `--sysroot=${folder}`,
      `--os=${stateroot}`,
      ...kernelArguments.map((argument) => `--karg-append=${argument}`),
      branch,
    ],
  ];
}

/** The folder of the deployment, relative to the sysroot. */
export function deploymentFolder({ stateroot, commit }: Pick<ImagePlan, 'stateroot' | 'commit'>): string {
  return `ostree/deploy/${stateroot}/deploy/${commit.checksum}.0`;
}

/** What the folder holds. Synchronous on purpose: 14 000 calls take 0.1 s this way and five times that as promises. */
export function measureContent(folder: string): RootContent {
  const seen = new Set<number>();
  let bytes = 0;
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = `${path}/${entry.name}`;
      const { ino, size } = lstatSync(inner);
      if (seen.has(ino)) continue;
      seen.add(ino);
      // What a folder takes differs between file systems; the estimate must not.
      bytes += entry.isDirectory() ? rootBlockSize : roundUp(size, rootBlockSize);
      if (entry.isDirectory()) visit(inner);
    }
  };
  visit(folder);
  return { bytes, inodes: seen.size };
}

function gpgOptions(gpg: GpgPolicy): string[] {
  switch (gpg.type) {
    case 'none':
      return ['--no-gpg-verify'];
    case 'keys-in-tree':
      return ['--set=gpg-verify=true'];
    case 'key-file':
      return [`--gpg-import=${gpg.path}`];
  }
}
