// Commits the finished tree: first into the cache, whose hard links make unchanged files free, then the new objects are pulled into the
// target repository and the ref is moved. Until that last step nobody sees anything of it.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError, UserError } from '../lib/errors.ts';
import { run } from '../lib/run.ts';
import { commitMetadata, detachedMetadata } from './commit-metadata.ts';
import type { EngineContext } from './context.ts';
import type { PackageCache } from './packages/cache.ts';
import type { EnginePackage } from './packages/package.ts';
import type { ComposePlan } from './plan.ts';
import type { Treefile } from './treefile/treefile.ts';
import { addCommitMetadata, writeDetachedMetadata } from './write-metadata.ts';

export type RepoMode = 'bare-user' | 'archive' | 'bare';

export interface TargetRepo {
  readonly path: string;
  /** For a repository that has to be made first. */
  readonly mode: RepoMode;
}

/** @returns the commit's checksum, an orphan in the cache */
export async function commitTree(
  tree: string,
  plan: ComposePlan,
  packages: readonly EnginePackage[],
  bootable: boolean,
  cache: PackageCache,
  context: EngineContext,
): Promise<string> {
  const { stdout } = await run(commitArgv(tree, plan, bootable, cache.repo), context.runOptions);
  const checksum = await addCommitMetadata(cache.repo, stdout.trim(), commitMetadata(plan, packages));
  await writeDetachedMetadata(cache.repo, checksum, detachedMetadata(plan));
  return checksum;
}

export function commitArgv(tree: string, plan: ComposePlan, bootable: boolean, repo: string): string[] {
  return [
    ...['ostree', `--repo=${repo}`, 'commit', '--orphan', '--no-bindings', '--fsync=0', '--link-checkout-speedup'],
    `--parent=${plan.parent ?? 'none'}`,
    `--timestamp=@${plan.sourceDateEpoch}`,
    ...(plan.commitVersion === null ? [] : [`--subject=${plan.treefile.ref} ${plan.commitVersion}`]),
    ...(bootable ? ['--bootable'] : []),
    `--tree=dir=${tree}`,
  ];
}

/**
 * Makes the commit available in the target repository under its ref, signed where the treefile says so.
 * @throws UserError `gpg-key-unusable`
 */
export async function publishCommit(
  checksum: string,
  { ref, gpgKey }: Pick<Treefile, 'ref' | 'gpgKey'>,
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
  if (gpgKey !== null) await signCommit(path, checksum, gpgKey, context);
  await run(['ostree', `--repo=${path}`, 'refs', '--force', `--create=${ref}`, checksum], context.runOptions);
}

// The signature stands beside the commit and has no say in its checksum. The key is looked for where gpg does: GNUPGHOME, else ~/.gnupg.
async function signCommit(repo: string, checksum: string, key: string, context: EngineContext): Promise<void> {
  try {
    await run(['ostree', `--repo=${repo}`, 'gpg-sign', checksum, key], context.runOptions);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('gpg-key-unusable', `the commit cannot be signed with the GPG key ${key}: ${error.output}`, {
      hint: 'check with `gpg --list-secret-keys` that the key is there and needs no passphrase; the ref was not moved',
      cause: error,
    });
  }
}
