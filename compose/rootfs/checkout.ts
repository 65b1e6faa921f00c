// Checks all packages out into one tree of hard links into the cache, then removes what the treefile does not want (documentation,
// languages): removing a name never touches the cached file behind it.

import { mkdirSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { entriesInTree, entryInTree, makeFolderInTree } from '../../lib/in-tree.ts';
import { isDirectory, type RpmFileEntry } from '../../lib/rpm/files.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import type { PackageCache } from '../packages/cache.ts';
import type { CheckoutRules } from '../packages/check-files.ts';
import type { EnginePackage } from '../packages/package.ts';
import { treePath } from '../packages/paths.ts';
import { isWanted } from '../packages/wanted.ts';

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
  rules: CheckoutRules,
  context: EngineContext,
): Promise<void> {
  const list = join(folder, 'checkout.list');
  const tree = join(folder, 'tree');
  await writeFile(list, packages.map((each) => `${commitOf(each, commits)}\0/\0`).join(''));
  mkdirSync(tree);
  makeFolderLinks(tree, rules.links);
  const skipList = rules.skipped.size === 0 ? null : join(folder, 'checkout.skip');
  if (skipList !== null) await writeFile(skipList, [...rules.skipped].map((path) => `${path}\n`).join(''));
  await run(checkoutArgv(cache.repo, list, tree, skipList), context.runOptions);
  removeUnwanted(packages, tree, rules);
  for (const path of mountPoints) makeFolderInTree(tree, path);
  if (packages.length === 0)
    throw new UserError('no-packages', 'the treefile chooses no package, so there is no tree to make');
}

function commitOf({ nevra, digest }: EnginePackage, commits: ReadonlyMap<string, string>): string {
  const commit = commits.get(digest);
  if (commit === undefined) throw new Error(`${nevra} was not imported`);
  return commit;
}

/** @param skipList file of paths that are left out; ostree reads it anew for each package */
export function checkoutArgv(repo: string, list: string, tree: string, skipList: string | null): string[] {
  const options = ['--union-identical', '--require-hardlinks', '--fsync=0'];
  if (skipList !== null) options.push(`--skip-list=${skipList}`);
  return ['ostree', `--repo=${repo}`, 'checkout', ...options, `--from-file=${list}`, tree];
}

// ostree puts files below a link only where the link and its folder are there already, and the packages' order says nothing of that.
function makeFolderLinks(tree: string, links: CheckoutRules['links']): void {
  for (const { path, target, folder } of links) {
    makeFolderInTree(tree, folder);
    makeFolderInTree(tree, dirname(path));
    symlinkSync(target, entryInTree(tree, path));
  }
}

function removeUnwanted(packages: readonly EnginePackage[], tree: string, { filter }: CheckoutRules): void {
  const entryOf = entriesInTree(tree);
  const placeOf = (file: RpmFileEntry): string => entryOf(treePath(file.path));
  for (const { files } of packages) {
    const unwanted = files.filter((file) => !isWanted(file, filter));
    for (const file of unwanted) if (!isDirectory(file)) rmSync(placeOf(file), { force: true });
    const directories = unwanted.filter(isDirectory).map(placeOf);
    for (const directory of directories.sort().reverse()) removeWhenEmpty(directory);
  }
}

function removeWhenEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
}
