// The cache of parsed metadata. A damaged `.solv` file ends the process with a signal, so each has its own SHA-256 beside it and is
// not opened when that differs.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../../../lib/documents.ts';
import { temporaryNameBeside } from '../../../lib/files.ts';
import type { FileHandle, Libsolv } from './library.ts';

/** False when there is no usable file; a bad one is removed. `read` returns libsolv's status, 0 for success. */
export function readSolvFile(solv: Libsolv, path: string, read: (file: FileHandle) => number): boolean {
  let content: Buffer;
  let expected: string;
  try {
    content = readFileSync(path);
    expected = readFileSync(digestPath(path), 'utf8');
  } catch {
    return false;
  }
  if (sha256(content) === expected && withFile(solv, path, 'r', read) === 0) return true;
  rmSync(path, { force: true });
  return false;
}

/** The cache is a help only: when it cannot be written (a full disk, say), the work goes on without it. */
export function writeSolvFile(solv: Libsolv, path: string, write: (file: FileHandle) => number): void {
  const temporary = temporaryNameBeside(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (withFile(solv, temporary, 'w', write) !== 0) throw new Error('libsolv cannot write its cache');
    const digest = sha256(readFileSync(temporary));
    writeFileSync(`${temporary}.digest`, digest);
    renameSync(temporary, path);
    renameSync(`${temporary}.digest`, digestPath(path));
  } catch {
    rmSync(temporary, { force: true });
    rmSync(`${temporary}.digest`, { force: true });
  }
}

export function digestPath(path: string): string {
  return `${path}.sha256`;
}

function withFile(solv: Libsolv, path: string, mode: 'r' | 'w', work: (file: FileHandle) => number): number {
  const file = solv.solv_xfopen(path, mode);
  if (file === null) return -1;
  const status = work(file);
  return solv.fclose(file) !== 0 && mode === 'w' ? -1 : status;
}
