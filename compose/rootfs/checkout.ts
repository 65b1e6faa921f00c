// Checks all packages out into one tree of hard links into the cache, then removes what the treefile does not want (documentation,
// languages): removing a name never touches the cached file behind it.

import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { isDirectory, type RpmFileEntry } from '../../lib/rpm/files.ts';
import { rpmFileFlag } from '../../lib/rpm/tags.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import type { PackageCache } from '../packages/cache.ts';
import type { EnginePackage } from '../packages/package.ts';
import { treePath } from '../packages/paths.ts';

export interface FileFilter {
  readonly documentation: boolean;
  /** Empty: all. */
  readonly languages: readonly string[];
}

/** Where programs in the tree expect a directory, whether a package brings it or not. */
const mountPoints = ['dev', 'proc', 'sys', 'run', 'tmp', 'var/tmp'];

/**
 * Makes the tree `folder`/tree.
 * @param packages in installation order
 * @param commits commit in the cache by package digest
 */
export async function checkOutPackages(
  packages: readonly EnginePackage[],
  commits: ReadonlyMap<string, string>,
  cache: PackageCache,
  folder: string,
  filter: FileFilter,
  context: EngineContext,
): Promise<void> {
  const list = join(folder, 'checkout.list');
  const tree = join(folder, 'tree');
  await writeFile(list, packages.map((each) => `${commits.get(each.digest)}\0/\0`).join(''));
  await run(checkoutArgv(cache.repo, list, tree), context.runOptions);
  for (const each of packages) removeUnwanted(each.files, tree, filter);
  for (const path of mountPoints) mkdirSync(join(tree, path), { recursive: true });
  if (packages.length === 0)
    throw new UserError('no-packages', 'the treefile chooses no package, so there is no tree to make');
}

export function checkoutArgv(repo: string, list: string, tree: string): string[] {
  const options = ['--union-identical', '--require-hardlinks', '--fsync=0'];
  return ['ostree', `--repo=${repo}`, 'checkout', ...options, `--from-file=${list}`, tree];
}

/** True when the treefile wants the file; rpm's own rules for `%doc` and `%lang`: `en_US` also wants what is for `en`. */
export function isWanted(file: Pick<RpmFileEntry, 'flags' | 'languages'>, filter: FileFilter): boolean {
  if (!filter.documentation && (file.flags & rpmFileFlag.doc) !== 0) return false;
  if (file.languages === '' || filter.languages.length === 0) return true;
  return file.languages.split('|').some((language) => filter.languages.some((wanted) => wanted.startsWith(language)));
}

function removeUnwanted(files: readonly RpmFileEntry[], tree: string, filter: FileFilter): void {
  const unwanted = files.filter((file) => !isWanted(file, filter));
  for (const file of unwanted) if (!isDirectory(file)) rmSync(join(tree, treePath(file.path)), { force: true });
  const directories = unwanted.filter(isDirectory).map((file) => join(tree, treePath(file.path)));
  for (const directory of directories.sort().reverse()) removeWhenEmpty(directory);
}

function removeWhenEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
}
