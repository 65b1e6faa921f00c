// Copies the treefile's own files into the tree. Of their mode only "executable" counts, so that the umask of a checkout does not.

import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Treefile } from '../../treefile/treefile.ts';
import { editedPath } from './paths.ts';

/** A source that is a folder is copied with all that it holds. */
export function addFiles(root: string, files: Treefile['addFiles']): void {
  for (const { source, destination } of files) copy(source, editedPath(root, destination));
}

function copy(source: string, destination: string): void {
  const stats = lstatSync(source);
  if (stats.isDirectory()) {
    mkdirSync(destination, { recursive: true });
    for (const name of readdirSync(source).sort()) copy(join(source, name), join(destination, name));
    return;
  }
  mkdirSync(dirname(destination), { recursive: true });
  rmSync(destination, { recursive: true, force: true });
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(source), destination);
  else {
    copyFileSync(source, destination);
    chmodSync(destination, (statSync(source).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
