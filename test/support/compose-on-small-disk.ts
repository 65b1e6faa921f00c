// Work for runInNamespace(): composes with the cache or the repository on a file system that is too small, looks at what is left, then makes
// it larger and composes again.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRef } from '../../compose/repository/refs.ts';
import { run } from '../../lib/run.ts';

export interface SmallDiskInput {
  /** Of a mini distribution, which has composed nothing yet. */
  readonly folder: string;
  readonly small: 'cache' | 'repo';
  readonly kibibytes: number;
  /** Path below the cache of the repository of packages. */
  readonly packages: string;
}

export interface SmallDiskResult {
  readonly exitCode: number;
  readonly stderr: string;
  readonly refAfterFailure: string | null;
  /** Checksum of the compose with room. */
  readonly checksum: string | null;
}

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export async function main({ folder, small, kibibytes, packages }: SmallDiskInput): Promise<SmallDiskResult> {
  const [repo, cache] = [join(folder, 'repo'), join(folder, 'cache')];
  const disk = join(folder, small);
  await mkdir(disk, { recursive: true });
  await run(['mount', '-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', disk]);
  const argv = [process.execPath, program, 'compose', 'tree', join(folder, 'host.json'), '--quiet'];
  const compose = [...argv, '--repo', repo, '--cachedir', cache];
  const { exitCode, stderr } = await run(compose, { okExitCodes: [0, 1, 2, 70] });
  const refAfterFailure = await readRef(repo, 'mini/host');
  await run(['mount', '-o', 'remount,size=256m', disk]);
  for (const each of [repo, join(cache, packages)]) {
    if (existsSync(join(each, 'objects'))) await run(['ostree', `--repo=${each}`, 'fsck', '--quiet']);
  }
  await run(compose);
  return { exitCode, stderr, refAfterFailure, checksum: await readRef(repo, 'mini/host') };
}
