// Judges the files of all packages together before anything is unpacked, and says how they are to be checked out.

import { checkFileConflicts } from './conflicts.ts';
import { type FolderLink, folderLinks } from './folder-links.ts';
import { checkPaths } from './outside.ts';
import type { EnginePackage } from './package.ts';
import type { FileFilter } from './wanted.ts';

export interface CheckoutRules {
  readonly filter: FileFilter;
  /** Links that must be there, with their folders, before what lies below them. */
  readonly links: readonly FolderLink[];
  /** Paths, as the imported packages have them, that are left out altogether. */
  readonly skipped: ReadonlySet<string>;
}

/** @throws UserError `path-outside`, `path-through-link`, `file-conflict` */
export function checkFiles(packages: readonly EnginePackage[], filter: FileFilter): CheckoutRules {
  checkPaths(packages);
  const links = folderLinks(packages);
  return { filter, links: links.links, skipped: checkFileConflicts(packages, links, filter) };
}
