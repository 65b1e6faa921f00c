// Links to folders that one package brings and another has files below, as /usr/sbin -> bin: rpm follows such a link, and so does the
// checkout. ostree follows it on the build machine, though, so only links that stay inside the tree are let through. From headers alone.

import { basename, dirname, join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { resolveLinks } from '../../lib/in-tree.ts';
import { isSymbolicLink } from '../../lib/rpm/files.ts';
import type { EnginePackage } from './package.ts';
import { treePath } from './paths.ts';

/** A packaged link with packaged files below it. */
export interface FolderLink {
  /** In the tree, itself not below another link. */
  readonly path: string;
  readonly target: string;
  /** Absolute path in the tree of the folder that it leads to. */
  readonly folder: string;
}

export interface FolderLinks {
  /** Sorted by path. */
  readonly links: readonly FolderLink[];
  /** Where a path of the tree lands, the links of its folder followed. */
  landing(path: string): string;
}

type LinkedPackage = Pick<EnginePackage, 'nevra' | 'files'>;

interface OwnedLink {
  readonly target: string;
  readonly owner: LinkedPackage;
}

/**
 * @throws UserError `path-through-link` naming both packages when a link leads out of the tree
 */
export function folderLinks(packages: readonly LinkedPackage[]): FolderLinks {
  const known = packagedLinks(packages);
  const used = new Map<string, FolderLink>();
  const landings = new Map<string, string>();
  const visit = (folder: string, user: LinkedPackage, path: string): string => {
    const seen = landings.get(folder);
    if (seen !== undefined) return seen;
    const passed: string[] = [];
    const { path: landing, leaves } = resolveLinks(folder, (each) => {
      const link = known.get(each);
      if (link === undefined) return null;
      passed.push(each);
      return link.target;
    });
    if (leaves) throw leadsOut(path, user, passed, known);
    for (const link of passed) {
      const { target } = known.get(link)!;
      used.set(link, {
        path: link,
        target,
        folder: resolveLinks(link, (each) => known.get(each)?.target ?? null).path,
      });
    }
    landings.set(folder, landing);
    return landing;
  };
  if (known.size > 0) {
    for (const each of packages) for (const file of each.files) visit(dirname(treePath(file.path)), each, file.path);
  }
  return {
    links: [...used.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    landing(path) {
      const folder = landings.get(dirname(path)) ?? dirname(path);
      return folder === dirname(path) ? path : join(folder, basename(path));
    },
  };
}

function packagedLinks(packages: readonly LinkedPackage[]): Map<string, OwnedLink> {
  const links = new Map<string, OwnedLink>();
  for (const owner of packages) {
    for (const file of owner.files) {
      if (isSymbolicLink(file)) links.set(treePath(file.path), { target: file.linkTarget, owner });
    }
  }
  return links;
}

function leadsOut(
  path: string,
  user: LinkedPackage,
  passed: readonly string[],
  known: ReadonlyMap<string, OwnedLink>,
): UserError {
  const culprit = passed.find((each) => resolveLinks(each, (link) => known.get(link)?.target ?? null).leaves)!;
  const { owner, target } = known.get(culprit)!;
  return new UserError(
    'path-through-link',
    `${user.nevra} brings ${path}, but ${owner.nevra} brings ${culprit} as a link to ${target}, which leads out of the tree`,
    {
      hint: 'exclude one of the packages with exclude-packages, or mend the link so that it is relative and stays below /',
    },
  );
}
