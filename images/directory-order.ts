// Puts the entries of every folder of a tree in order. mke2fs copies them as readdir(2) gives them, which in a tmpfs is the order of their
// making; OSTree writes objects from several threads.

import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes the order of a tree in a tmpfs depend on the names only, by moving every entry out and, sorted, back in. `aside` must not
 * exist and be on the same file system. Synchronous on purpose: 27 000 quick calls. Changes the times of the folders.
 */
export function sortFolders(root: string, aside: string): void {
  mkdirSync(aside);
  const visit = (folder: string): void => {
    const names = readdirSync(folder).sort();
    for (const name of names) renameSync(join(folder, name), join(aside, name));
    for (const name of names) renameSync(join(aside, name), join(folder, name));
    for (const name of names) if (lstatSync(join(folder, name)).isDirectory()) visit(join(folder, name));
  };
  visit(root);
  rmdirSync(aside);
}
