// What the entries of `add-files` name on disk: single files, directories with all that is in them, patterns.

import type { Dirent, Stats } from 'node:fs';
import { glob, lstat, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { whyUnreadable } from '../../lib/file-system-error.ts';
import { reportDestination } from './check-values.ts';
import { reportMissing } from './companion-files.ts';
import type { Traced } from './layer.ts';
import type { Problems } from './problems.ts';
import type { Span } from './source/source-file.ts';
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
    const listing = new EntryListing(entry, problems);
    await listing.list();
    added.push(...listing.added);
  }
  return added;
}

/** What one entry names. Problems are reported at its place. */
class EntryListing {
  readonly added: AddedFile[] = [];
  readonly #source: string;
  readonly #written: string;
  readonly #directory: string;
  readonly #span: Span;
  readonly #problems: Problems;

  constructor({ value, layer, span }: Traced<string[]>, problems: Problems) {
    [this.#source, this.#written] = value as [string, string];
    this.#directory = layer.directory;
    this.#span = span;
    this.#problems = problems;
  }

  async list(): Promise<void> {
    const source = resolve(this.#directory, this.#source);
    const destination = treePath(this.#written);
    const status = await lstat(source).catch(() => undefined);
    if (status === undefined) {
      await this.#pattern(destination);
      return;
    }
    if (!status.isDirectory() && !destination.includes('/'))
      reportDestination(this.#written, this.#span, this.#problems);
    await this.#content(source, status, destination);
  }

  /** What one name stands for: itself, or everything in a directory. Of directories only empty ones are entries of their own. */
  async #content(source: string, kind: Stats | Dirent, destination: string): Promise<void> {
    const entries = kind.isDirectory() ? await this.#read(source) : [];
    if (entries.length === 0) this.added.push({ source, destination });
    for (const entry of entries) await this.#content(join(source, entry.name), entry, join(destination, entry.name));
  }

  async #read(folder: string): Promise<Dirent[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      this.#problems.error('file-unreadable', `${folder} cannot be read: ${whyUnreadable(error)}`, this.#span);
      return [];
    }
  }

  /** Matches lie side by side in the destination. With `**` the pattern itself goes into directories, so that only files count. */
  async #pattern(destination: string): Promise<void> {
    const matches = /[*?[]/.test(this.#source) ? await matchesOf(this.#source, this.#directory) : [];
    if (matches.length === 0) reportMissing(this.#source, this.#directory, this.#span, this.#problems);
    for (const [source, kind] of matches) await this.#content(source, kind, join(destination, basename(source)));
    const sourceOf = new Map<string, string>();
    for (const file of this.added) {
      const first = sourceOf.get(file.destination);
      sourceOf.set(file.destination, file.source);
      if (first === undefined) continue;
      const message = `${first} and ${file.source} would both become /${file.destination}`;
      this.#problems.error(
        'add-files',
        message,
        this.#span,
        'name their directories, or give each an entry of its own',
      );
    }
  }
}

/** Absolute paths with their kinds, sorted. */
async function matchesOf(pattern: string, directory: string): Promise<[source: string, kind: Dirent][]> {
  const found: [string, Dirent][] = [];
  for await (const match of glob(pattern, { cwd: directory, withFileTypes: true })) {
    if (!match.isDirectory() || !pattern.includes('**')) found.push([join(match.parentPath, match.name), match]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}
