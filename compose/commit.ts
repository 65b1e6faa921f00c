// Commits the finished tree: first into the cache, whose hard links make unchanged files free, then the new objects are pulled into the
// target repository and the ref is moved. Until that last step nobody sees anything of it.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/run.ts';
import type { EngineContext } from './context.ts';
import type { PackageCache } from './packages/cache.ts';
import type { EnginePackage } from './packages/package.ts';
import type { ComposePlan } from './plan.ts';
import { variantOf, variantString } from './variant.ts';

export type RepoMode = 'bare-user' | 'archive' | 'bare';

export interface TargetRepo {
  readonly path: string;
  /** For a repository that has to be made first. */
  readonly mode: RepoMode;
}

/** Longest argument that the kernel passes on (MAX_ARG_STRLEN) with some room; a longer package list is left out. */
const maximumArgument = 120_000;

/** @returns the commit's checksum, an orphan in the cache */
export async function commitTree(
  tree: string,
  plan: ComposePlan,
  packages: readonly EnginePackage[],
  bootable: boolean,
  cache: PackageCache,
  context: EngineContext,
): Promise<string> {
  const result = await run(commitArgv(tree, plan, packages, bootable, cache.repo), context.runOptions);
  return result.stdout.trim();
}

export function commitArgv(
  tree: string,
  plan: ComposePlan,
  packages: readonly EnginePackage[],
  bootable: boolean,
  repo: string,
): string[] {
  const list = packageListVariant(packages);
  const metadata: Record<string, string> = {
    ...(plan.commitVersion === null ? {} : { version: variantString(plan.commitVersion) }),
    ...Object.fromEntries(Object.entries(plan.commitMetadata).map(([key, value]) => [key, variantOf(value)])),
    'rpmostree.inputhash': variantString(plan.inputId),
    'slipway.input-id': variantString(plan.inputId),
    ...(list.length > maximumArgument ? {} : { 'rpmostree.rpmdb.pkglist': list }),
  };
  return [
    ...['ostree', `--repo=${repo}`, 'commit', '--orphan', '--no-bindings', '--fsync=0', '--link-checkout-speedup'],
    `--parent=${plan.parent ?? 'none'}`,
    `--timestamp=@${plan.sourceDateEpoch}`,
    ...(plan.commitVersion === null ? [] : [`--subject=${plan.treefile.ref} ${plan.commitVersion}`]),
    ...(bootable ? ['--bootable'] : []),
    ...Object.entries(metadata)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `--add-metadata=${key}=${value}`),
    `--tree=dir=${tree}`,
  ];
}

/** `a(sssss)`: name, epoch, version, release, arch, sorted by name, as rpm-ostree writes it. */
export function packageListVariant(
  packages: readonly Pick<EnginePackage, 'name' | 'epoch' | 'version' | 'release' | 'arch'>[],
): string {
  const tuples = packages
    .map((each) => [each.name, String(each.epoch), each.version, each.release, each.arch])
    .sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1))
    .map((fields) => `(${fields.map(variantString).join(', ')})`);
  return `@a(sssss) [${tuples.join(', ')}]`;
}

/** Makes the commit available in the target repository under its ref. */
export async function publishCommit(
  checksum: string,
  ref: string,
  target: TargetRepo,
  cache: PackageCache,
  context: EngineContext,
): Promise<void> {
  const { path, mode } = target;
  if (!existsSync(join(path, 'config'))) {
    await mkdir(path, { recursive: true });
    await run(['ostree', `--repo=${path}`, 'init', `--mode=${mode}`], context.runOptions);
  }
  await run(['ostree', `--repo=${path}`, 'pull-local', cache.repo, checksum], context.runOptions);
  await run(['ostree', `--repo=${path}`, 'refs', '--force', `--create=${ref}`, checksum], context.runOptions);
}
