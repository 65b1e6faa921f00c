// Files beside the treefiles: `.repo` files, what `add-files` names, the scripts of `finalize.d`.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { glob, lstat, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { nearestNames } from '../../lib/near-miss.ts';
import type { FlatTreefile } from './flatten.ts';
import * as packages from './keys/packages.ts';
import type { Traced } from './layer.ts';
import { didYouMean, type Problems } from './problems.ts';
import type { Treefile } from './treefile.ts';

/**
 * The `.repo` files beside the first file, then those beside included files that name a repository. Absolute paths; of two
 * definitions of one id the first counts.
 */
export async function listRepoFiles(flat: FlatTreefile): Promise<string[]> {
  const naming = flat.layers.filter(({ values }) =>
    [packages.repos, packages.lockfileRepos, packages.repoPackages].some((key) => values.has(key)),
  );
  const folders = new Set([flat.layers[0]!, ...naming].map(({ info }) => info.directory));
  const found: string[] = [];
  for (const folder of folders) {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.repo')).sort();
    found.push(...names.map((name) => join(folder, name)));
  }
  return found;
}

/**
 * Executables of the folders `finalize.d` beside all files, in the order of their names. Of two with one name that of the file read
 * later stands: here, and only here, an included file overrides its includer (as in rpm-ostree).
 */
export async function listFinalizeScripts(flat: FlatTreefile): Promise<string[]> {
  const scripts = new Map<string, string>();
  for (const folder of flat.layers.map(({ info }) => join(info.directory, 'finalize.d'))) {
    for (const name of await readdir(folder).catch(() => [])) {
      const status = await stat(join(folder, name));
      if (status.isFile() && (status.mode & 0o111) !== 0) scripts.set(name, join(folder, name));
    }
  }
  return [...scripts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** Each entry of `add-files` as single files (or symbolic links): directories and patterns are listed out, sorted. */
export async function listAddedFiles(
  entries: readonly Traced<string[]>[],
  problems: Problems,
): Promise<Treefile['addFiles']> {
  const added: { source: string; destination: string }[] = [];
  for (const { value, span, layer } of entries) {
    const [name, written] = value as [string, string];
    const destination = written.replace(/^\/+/, '').replace(/\/+$/, '');
    const source = resolve(layer.directory, name);
    const status = await lstat(source).catch(() => undefined);
    if (status?.isDirectory()) {
      added.push(...(await filesBelow(source, destination)));
    } else if (status !== undefined) {
      added.push({ source, destination });
    } else {
      const matches = /[*?[]/.test(name) ? await matchesOf(name, layer.directory) : [];
      for (const match of matches) added.push({ source: match, destination: join(destination, basename(match)) });
      if (matches.length === 0) reportMissing(name, layer.directory, span, problems);
    }
  }
  return added;
}

async function filesBelow(folder: string, destination: string): Promise<Treefile['addFiles']> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: { source: string; destination: string }[] = [];
  for (const entry of entries) {
    const source = join(folder, entry.name);
    const target = join(destination, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(source, target)));
    else found.push({ source, destination: target });
  }
  return found;
}

/** Files that match a pattern, without directories; absolute and sorted. */
async function matchesOf(pattern: string, directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of glob(pattern, { cwd: directory, withFileTypes: true })) {
    if (!entry.isDirectory()) found.push(join(entry.parentPath, entry.name));
  }
  return found.sort();
}

/** Absolute path of a file that a value names, relative to the treefile that says so; reports when it is not there. */
export function findBeside(name: string, { span, layer }: Traced<unknown>, problems: Problems): string {
  const path = resolve(layer.directory, name);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) reportMissing(name, layer.directory, span, problems);
  return path;
}

/** The same for a program, which must be executable; null when nobody names one. */
export function findScript(written: Traced<string> | undefined, problems: Problems): string | null {
  if (written === undefined) return null;
  const path = findBeside(written.value, written, problems);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status !== undefined && (status.mode & 0o111) === 0) {
    problems.error(
      'not-executable',
      `${written.value} is not executable`,
      written.span,
      `run: chmod +x ${written.value}`,
    );
  }
  return path;
}

function reportMissing(name: string, directory: string, span: Traced<unknown>['span'], problems: Problems): void {
  const folder = resolve(directory, name, '..');
  const hint = didYouMean(nearestNames(basename(name), existsSync(folder) ? readdirSync(folder) : []));
  const what = /[*?[]/.test(name) ? `no file matches ${name}` : `${name} does not exist`;
  problems.error('file-missing', `${what} beside ${span.source.path}`, span, hint);
}
