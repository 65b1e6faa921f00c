// Work for runInNamespace(): the dracut of a commit makes its initramfs again, watched by strace.

import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dracutSandbox } from '../../compose/rootfs/initramfs.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { straceArgv } from './strace.ts';

export interface TracedDracutInput {
  readonly repo: string;
  readonly commit: string;
  /** Empty folder; gets `root`, the tree as dracut sees it, `trace`, what strace wrote, and `result/initramfs.img`. */
  readonly folder: string;
}

export async function main({ repo, commit, folder }: TracedDracutInput, { signal }: WorkerTools): Promise<void> {
  const root = join(folder, 'root');
  await run(['ostree', `--repo=${repo}`, 'checkout', '--user-mode', '--force-copy', commit, root], { signal });
  await rename(join(root, 'usr/etc'), join(root, 'etc'));
  const [kernelVersion] = (await readdir(join(root, 'usr/lib/modules'))) as [string];
  await rm(join(root, 'usr/lib/modules', kernelVersion, 'initramfs.img'));
  const result = join(folder, 'result');
  for (const path of [join(root, 'var/tmp'), result]) await mkdir(path, { recursive: true });
  const dracut = dracutSandbox(root, result, { kernelVersion, arguments: [] });
  await run(straceArgv(dracut, join(folder, 'trace')), { signal });
}
