// Commit -> the files of a container's root file system: content in one archive on disk, everything else in memory. Works with every
// kind of repository and without special rights, since nothing is checked out.

import { join } from 'node:path';
import { type TreeEntry as ListedEntry, readListing } from '../../compose/repository/tree-listing.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import type { ImageCommit } from '../commit.ts';
import { readTarIndex, type TarIndexEntry } from './gnu-tar.ts';

/** A file, folder or symbolic link; `offset` and `size` point into the tree's archive. */
export interface TreeEntry extends TarIndexEntry {
  /** Checksum of its OSTree object: equal for files of equal content and attributes. */
  readonly object: string;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

export interface ContainerTree {
  /** File that holds the content of all files. */
  readonly archive: string;
  /** Sorted by path in byte order, so that a folder comes before what it holds. The root itself is not among them. */
  readonly entries: readonly TreeEntry[];
}

/** Exports the commit into `folder` and lists what it holds. */
export async function readContainerTree(
  { repo, checksum }: Pick<ImageCommit, 'repo' | 'checksum'>,
  folder: string,
  { events, signal }: WorkerTools,
): Promise<ContainerTree> {
  const archive = join(folder, 'tree.tar');
  const listed = await readListing(repo, checksum, { events, signal });
  await run(['ostree', `--repo=${repo}`, 'export', `--output=${archive}`, checksum], { events, signal });
  return { archive, entries: containerEntries(await readTarIndex(archive), listed) };
}

/**
 * The entries as a container wants them: /usr/etc, where OSTree keeps the defaults of /etc, is /etc again, as bootc expects of an image
 * (only one of the two may be there); SELinux labels are left to the machine that runs the container or deploys it.
 */
export function containerEntries(exported: readonly TarIndexEntry[], listed: readonly ListedEntry[]): TreeEntry[] {
  const listedAt = new Map(listed.map((entry) => [entry.path, entry]));
  const entries = exported
    .filter((entry) => entry.path !== '')
    .map((entry) => {
      const known = listedAt.get(`/${entry.path}`);
      if (known === undefined) throw new Error(`ostree ls does not know ${entry.path}`);
      const xattrs = new Map([...known.attributes].filter(([name]) => name !== 'security.selinux'));
      return { ...entry, path: entry.path.replace(/^usr\/etc(?=\/|$)/, 'etc'), object: known.checksum, xattrs };
    });
  return entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
