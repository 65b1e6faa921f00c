// What the entries of `add-files` name on disk: single files, directories with all that is in them, patterns.

import type { Dirent, Stats } from 'node:fs';
import { glob, lstat, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { reportDestination } from './check-values.ts';
import { reportMissing } from './companion-files.ts';
import type { Traced } from './layer.ts';
import type { Problems } from './problems.ts';
import { treePath } from './tree-path.ts';
import type { Treefile } from './treefile.ts';

type AddedFile = Treefile['addFiles'][number];

/** Each entry as single files, symbolic links and empty directories, sorted within the entry. */
export async function listAddedFiles(
  entries: readonly Traced<string[]>[],
  problems: Problems,
): Promise<Treefile['addFiles']> {
  const added: AddedFile[] = [];
  for (const entry of entries) {
    const [name, written] = entry.value as [string, string];
    const source = resolve(entry.layer.directory, name);
    const status = await lstat(source).catch(() => undefined);
    if (status !== undefined) {
      if (!status.isDirectory() && !treePath(written).includes('/')) reportDestination(written, entry.span, problems);
      added.push(...(await contentOf(source, status, treePath(written))));
    } else {
      added.push(...(await filesOfPattern(entry, problems)));
    }
  }
  return added;
}

/** What one name stands for: itself, or everything in a directory. Of directories only empty ones are entries of their own. */
async function contentOf(source: string, kind: Stats | Dirent, destination: string): Promise<AddedFile[]> {
  if (!kind.isDirectory()) return [{ source, destination }];
  const entries = await readdir(source, { withFileTypes: true });
  if (entries.length === 0) return [{ source, destination }];
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: AddedFile[] = [];
  for (const entry of entries)
    found.push(...(await contentOf(join(source, entry.name), entry, join(destination, entry.name))));
  return found;
}

/** Matches of a pattern, side by side in the destination. With `**` the pattern itself goes into directories, so that only files count. */
async function filesOfPattern(entry: Traced<string[]>, problems: Problems): Promise<AddedFile[]> {
  const [name, written] = entry.value as [string, string];
  const sources = /[*?[]/.test(name) ? await matchesOf(name, entry.layer.directory) : [];
  if (sources.length === 0) reportMissing(name, entry.layer.directory, entry.span, problems);
  const added: AddedFile[] = [];
  for (const [source, kind] of sources)
    added.push(...(await contentOf(source, kind, join(treePath(written), basename(source)))));
  const sourceOf = new Map<string, string>();
  for (const { source, destination } of added) {
    const first = sourceOf.get(destination);
    sourceOf.set(destination, source);
    if (first === undefined) continue;
    const message = `${first} and ${source} would both become /${destination}`;
    problems.error('add-files', message, entry.span, 'name their directory instead, or give each an entry of its own');
  }
  return added;
}

/** Absolute paths with their kinds, sorted. */
async function matchesOf(pattern: string, directory: string): Promise<[source: string, kind: Dirent][]> {
  const found: [string, Dirent][] = [];
  for await (const match of glob(pattern, { cwd: directory, withFileTypes: true })) {
    if (!match.isDirectory() || !pattern.includes('**')) found.push([join(match.parentPath, match.name), match]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}
