// Copies the treefile's own files into the tree. Of their mode only "executable" counts, so that the umask of a checkout does not.

import { chmodSync, copyFileSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Treefile } from '../../treefile/treefile.ts';
import { editedPath } from './paths.ts';

/** Sources are files and symbolic links, for which what was in their place goes, and empty directories, which leave a directory alone. */
export function addFiles(root: string, files: Treefile['addFiles']): void {
  for (const { source, destination } of files) copy(source, editedPath(root, destination));
}

function copy(source: string, destination: string): void {
  const stats = lstatSync(source);
  mkdirSync(dirname(destination), { recursive: true });
  if (stats.isDirectory() && lstatSync(destination, { throwIfNoEntry: false })?.isDirectory()) return;
  rmSync(destination, { recursive: true, force: true });
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(source), destination);
  else if (stats.isDirectory()) {
    mkdirSync(destination);
    chmodSync(destination, 0o755);
  } else {
    copyFileSync(source, destination);
    chmodSync(destination, (stats.mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
