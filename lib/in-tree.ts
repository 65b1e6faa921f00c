// Paths inside a tree as its own programs see them: an absolute link starts at the tree's root, `..` never leads above it. So a link that
// a package or a script left in the tree cannot lead us to a file of the build machine. It is what openat2(2) calls RESOLVE_IN_ROOT.

import { lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from './errors.ts';

/** As many as the kernel follows, path_resolution(7). */
const maximumLinks = 40;

export interface Resolved {
  /** Absolute, without links; what does not exist stays as it is written. */
  readonly path: string;
  /** True when a program that is not confined to the tree would have left it on the way. */
  readonly leaves: boolean;
}

/**
 * The place on the build machine of a path inside the tree `root`, all links followed; it need not exist.
 * @param path with or without a leading slash
 * @throws UserError `link-loop`
 */
export function inTree(root: string, path: string): string {
  return join(root, resolveLinks(path, (each) => linkTarget(join(root, each))).path);
}

/** The same, but of the entry itself when the path ends on a link: to look at it, to remove or to replace it. */
export function entryInTree(root: string, path: string): string {
  return join(root, resolveLinks(path, (each) => linkTarget(join(root, each)), { followLast: false }).path);
}

/** True when a program that is not confined to the tree would leave it on the way to `path`. */
export function leadsOut(root: string, path: string): boolean {
  return resolveLinks(path, (each) => linkTarget(join(root, each))).leaves;
}

/** Makes a folder of the tree with its parents where it is missing; gives its place. */
export function makeFolderInTree(root: string, path: string): string {
  const folder = inTree(root, path);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** `entryInTree` for many paths, while nobody changes folders or links: each folder is looked at once. */
export function entriesInTree(root: string): (path: string) => string {
  const folders = new Map<string, string>();
  return (path) => {
    const folder = dirname(path);
    const name = basename(path);
    if (name === '..' || name === '.') return inTree(root, path);
    const known = folders.get(folder) ?? inTree(root, folder);
    folders.set(folder, known);
    return join(known, name);
  };
}

/**
 * Follows the links of a path, wherever the knowledge about them comes from.
 * @param targetOf what the link at an absolute path (itself free of links) points to, or null when there is no link
 * @throws UserError `link-loop`
 */
export function resolveLinks(
  path: string,
  targetOf: (path: string) => string | null,
  { followLast = true }: { followLast?: boolean } = {},
): Resolved {
  const open = path.split('/').reverse();
  let names: string[] = [];
  let leaves = false;
  let links = 0;
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      leaves ||= names.length === 0;
      names.pop();
      continue;
    }
    names.push(name);
    const isLast = open.every((each) => each === '' || each === '.');
    const target = isLast && !followLast ? null : targetOf(`/${names.join('/')}`);
    if (target === null) continue;
    if (++links > maximumLinks) throw loop(path);
    if (target.startsWith('/')) {
      names = [];
      leaves = true;
    } else names.pop();
    open.push(...target.split('/').reverse());
  }
  return { path: `/${names.join('/')}`, leaves };
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

function loop(path: string): UserError {
  return new UserError('link-loop', `the links of the tree lead in a circle at ${path}`, {
    hint: 'one of the packages or scripts brings a link to itself; exclude the package or mend the script',
  });
}
