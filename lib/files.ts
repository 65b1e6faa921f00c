// Writing files so that a crash, a full disk or a second writer never leaves a half-written file under its final name.

import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * Writes a file beside its final name and renames it into place; parent folders are made. The content is flushed to disk before
 * the rename, so after a power cut the name holds the old or the new content, never a part.
 */
export async function writeFileAtomically(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  await writeBeside(path, data, mode, true);
}

/**
 * The same for caches whose reader takes a damaged file for none: not flushed, which can take longer than making the content again. After a
 * power cut the name may hold a part, or zeros.
 */
export async function writeCacheFile(path: string, data: string | Uint8Array): Promise<void> {
  await writeBeside(path, data, 0o644, false);
}

async function writeBeside(path: string, data: string | Uint8Array, mode: number, flush: boolean): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = temporaryNameBeside(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      if (flush) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes a new folder in an existing one. @returns its path */
export async function makeSubfolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}

/**
 * Makes a folder and those above it; one that is there is fine. Node's own recursive mkdir never ends, and cannot be stopped, where a folder
 * that is there refuses with ENOENT, as /proc does (seen with Node 24.21).
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  try {
    await makeOne(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await makeFolder(dirname(folder)); // others may be making it, too
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** The content of a file, or undefined when there is no such file. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A name in the same folder that no other process uses: `.NAME.PID-RANDOM.tmp`. */
export function temporaryNameBeside(path: string): string {
  const slash = path.lastIndexOf('/');
  const unique = `${process.pid}-${randomBytes(4).toString('hex')}`;
  return `${path.slice(0, slash + 1)}.${path.slice(slash + 1)}.${unique}.tmp`;
}

/** The path that a name of `temporaryNameBeside()` stands for; any other path as it is. */
export function finalNameOf(path: string): string {
  return path.replace(/(^|\/)\.([^/]+)\.\d+-[0-9a-f]{8}\.tmp$/, '$1$2');
}
