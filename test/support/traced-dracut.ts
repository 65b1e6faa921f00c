// Work for runInNamespace(): the dracut of a commit makes its initramfs again, watched by strace.

import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dracutArgv, dracutEnvironment } from '../../compose/rootfs/initramfs.ts';
import { sandboxArgv } from '../../compose/rootfs/sandbox.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';

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
  const sandbox = { root, writable: false, environment: dracutEnvironment, readWrite: { [result]: '/run/slipway' } };
  const trace = [
    'strace',
    '--follow-forks',
    '--decode-fds=path',
    '--string-limit=4096',
    `--output=${join(folder, 'trace')}`,
  ];
  const calls = '--trace=%file,fchdir,clone,clone3,fork,vfork';
  await run([...trace, calls, ...sandboxArgv(sandbox, dracutArgv({ kernelVersion, arguments: [] }))], { signal });
}
