// Files beside the treefiles: `.repo` files, scripts, what single keys name. For `add-files` see added-files.ts.

import { existsSync, readdirSync, type Stats, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { nearestNames } from '../../lib/near-miss.ts';
import type { FlatTreefile } from './flatten.ts';
import * as packages from './keys/packages.ts';
import type { Layer, Traced } from './layer.ts';
import { didYouMean, type Problems } from './problems.ts';

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
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.name.endsWith('.repo') && !entry.isDirectory());
    found.push(...files.map(({ name }) => join(folder, name)).sort());
  }
  return found;
}

/**
 * Executables of the folders `finalize.d` beside all files, in the order of their names. Of two with one name that of the file read
 * later stands: here, and only here, an included file overrides its includer (as in rpm-ostree).
 */
export async function listFinalizeScripts(layers: readonly Layer[]): Promise<string[]> {
  const scripts = new Map<string, string>();
  for (const folder of layers.map(({ info }) => join(info.directory, 'finalize.d'))) {
    for (const name of await readdir(folder).catch(() => [])) {
      const status = await stat(join(folder, name)).catch(() => undefined); // a link may lead nowhere
      if (status?.isFile() && (status.mode & 0o111) !== 0) scripts.set(name, join(folder, name));
    }
  }
  return [...scripts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** Absolute path of a file that a value names, relative to the treefile that says so; reports when it is not there. */
export function findBeside(name: string, { span, layer }: Traced<unknown>, problems: Problems): string {
  const path = resolve(layer.directory, name);
  const status = statusOf(path);
  if (status === undefined) reportMissing(name, layer.directory, span, problems);
  else if (status.isDirectory()) problems.error('wrong-type', `${name} is a directory, not a file`, span);
  return path;
}

/** The same for a program, which must be executable; null when nobody names one. */
export function findScript(written: Traced<string> | undefined, problems: Problems): string | null {
  if (written === undefined) return null;
  const path = findBeside(written.value, written, problems);
  const status = statusOf(path);
  if (status?.isFile() && (status.mode & 0o111) === 0) {
    problems.error(
      'not-executable',
      `${written.value} is not executable`,
      written.span,
      `run: chmod +x ${written.value}`,
    );
  }
  return path;
}

/** Undefined also for names that no file can have. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Reports that nothing has the name or pattern that a value gives. */
export function reportMissing(
  name: string,
  directory: string,
  span: Traced<unknown>['span'],
  problems: Problems,
): void {
  const folder = resolve(directory, name, '..');
  const hint = didYouMean(nearestNames(basename(name), existsSync(folder) ? readdirSync(folder) : []));
  const what = /[*?[]/.test(name) ? `no file matches ${name}` : `${name} does not exist`;
  problems.error('file-missing', `${what} beside ${span.source.path}`, span, hint);
}
