// Writes and seals the cache of parsed metadata; apart from its reading, which mostly does without hashing.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../../../lib/documents.ts';
import { temporaryNameBeside } from '../../../lib/files.ts';
import type { FileHandle, Libsolv } from './library.ts';
import { identityOf, type Seal, sealPath, withFile } from './solv-file.ts';

/** The cache is a help only: when it cannot be written (a full disk, say), the work goes on without it. */
export function writeSolvFile(solv: Libsolv, path: string, write: (file: FileHandle) => number): void {
  const temporary = temporaryNameBeside(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (withFile(solv, temporary, 'w', write) !== 0) throw new Error('libsolv cannot write its cache');
    const digest = flushAndHash(temporary);
    renameSync(temporary, path);
    seal(path, digest);
  } catch {
    rmSync(temporary, { force: true });
  }
}

/** For a file that the seal does not know any more, such as a copy: false unless its content is the sealed one. */
export function sealAgain(path: string, digest: string): boolean {
  try {
    if (flushAndHash(path) !== digest) return false;
    seal(path, digest);
    return true;
  } catch {
    return false; // what cannot be read or sealed is parsed again
  }
}

/** After a power cut a seal without its file's content would be worse than none. */
function flushAndHash(path: string): string {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return sha256(readFileSync(path));
}

function seal(path: string, digest: string): void {
  const document: Seal = { digest, identity: identityOf(path) };
  const temporary = temporaryNameBeside(sealPath(path));
  try {
    writeFileSync(temporary, JSON.stringify(document));
    renameSync(temporary, sealPath(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
