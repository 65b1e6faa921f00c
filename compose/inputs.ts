// Collects what the id of a compose is made of beyond treefile and lock: the content of files that the treefile names, and the versions of
// the programs whose work shows in the commit.

import { execFile } from 'node:child_process';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { baseEnvironment } from '../lib/base-environment.ts';
import { quoteCommand } from '../lib/command-line.ts';
import { sha256 } from '../lib/documents.ts';
import { UserError } from '../lib/errors.ts';
import { whyUnreadable } from '../lib/file-system-error.ts';
import { run } from '../lib/run.ts';
import type { EngineContext } from './context.ts';
import { namedFiles } from './plan.ts';
import type { Treefile } from './treefile/treefile.ts';

/** Digest of each file that the treefile names: of its content and whether it is executable, or of a link's target; directories are empty. */
export async function digestNamedFiles(treefile: Treefile): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(namedFiles(treefile).map(async (path) => [path, await digestOf(path)] as [string, string])),
  );
}

async function digestOf(path: string): Promise<string> {
  try {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return sha256(`link\0${await readlink(path)}`);
    if (stats.isDirectory()) return sha256('directory\0');
    const executable = (stats.mode & 0o100) !== 0 ? 'executable' : 'plain';
    return sha256(`${executable}\0${sha256(await readFile(path))}`);
  } catch (cause) {
    throw new UserError('file-unreadable', `${path}, named in the treefile, cannot be read: ${whyUnreadable(cause)}`, {
      cause,
    });
  }
}

/** First lines of what the programs say about themselves, and the version of Node's SQLite, which lays out the package database. */
export async function readToolVersions(context: EngineContext): Promise<Record<string, string>> {
  const versionOf = async (program: string): Promise<[string, string]> => {
    const { stdout } = await askVersion(program, context);
    return [program, stdout.split('\n').slice(0, 2).join(' ').trim()];
  };
  const programs = await Promise.all(['ostree', 'rpm'].map(versionOf));
  return { ...Object.fromEntries(programs), sqlite: process.versions.sqlite! };
}

/** Every compose asks, and loading the runner of programs takes longer than the answer; where there is none, the runner says why. */
async function askVersion(program: string, { runOptions, events, signal }: EngineContext): Promise<{ stdout: string }> {
  events.emit({ type: 'command', command: quoteCommand([program, '--version']) });
  try {
    return await promisify(execFile)(program, ['--version'], { env: baseEnvironment(), signal });
  } catch {
    return await run([program, '--version'], runOptions);
  }
}
