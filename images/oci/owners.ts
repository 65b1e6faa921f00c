// Which package brought which file, out of the package database in the commit.

import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedPath, treePath } from '../../compose/packages/paths.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import type { ContainerTree } from './tree.ts';

export interface FileOwner {
  /** Source package: the packages that are built together also change together. */
  readonly component: string;
  /** Equal for the files that one package holds as hard links to each other. */
  readonly linkGroup: string;
}

const databasePlaces = ['usr/share/rpm/rpmdb.sqlite', 'usr/lib/sysimage/rpm/rpmdb.sqlite'];

/** Owners by path in the tree; empty (with a warning) when the tree has no package database. `folder` gets a copy of the database. */
export async function readFileOwners(
  { archive, entries }: ContainerTree,
  folder: string,
  { events, signal }: WorkerTools,
): Promise<ReadonlyMap<string, FileOwner>> {
  const database = entries.find((entry) => entry.type === 'file' && databasePlaces.includes(entry.path));
  if (database === undefined) {
    events.warning('the commit has no package database, so all files of the container image share one layer');
    return new Map();
  }
  const content = Buffer.alloc(database.size);
  const file = await open(archive);
  try {
    await file.read(content, 0, content.length, database.offset);
  } finally {
    await file.close();
  }
  await writeFile(join(folder, 'rpmdb.sqlite'), content);
  const { stdout } = await run(queryArgv(folder), { events, signal });
  return parseOwners(stdout);
}

/** One line a file: package, source RPM, device and inode numbers, path. */
export function queryArgv(databaseFolder: string): string[] {
  return [
    'rpm',
    ...['--dbpath', databaseFolder],
    ...['--define', '_db_backend sqlite'],
    '-qa',
    ...['--queryformat', '[%{=NAME}\\t%{=SOURCERPM}\\t%{FILEDEVICES}\\t%{FILEINODES}\\t%{FILENAMES}\\n]'],
  ];
}

export function parseOwners(text: string): Map<string, FileOwner> {
  const owners = new Map<string, FileOwner>();
  for (const line of text.split('\n')) {
    const [name, source, device, inode, ...path] = line.split('\t');
    if (name === undefined || source === undefined || path.length === 0) continue;
    const owner = { component: componentOf(name, source), linkGroup: `${name} ${device} ${inode}` };
    const places = placesInTree(path.join('\t'));
    // A folder that several packages share, or a file that all have alike: the first by name, whatever order the database has.
    for (const place of places) {
      const other = owners.get(place);
      if (other === undefined || owner.component < other.component) owners.set(place, owner);
    }
  }
  return owners;
}

/** `systemd` of `systemd-257-1.src.rpm`: version and release begin at the last two dashes. */
function componentOf(name: string, sourceRpm: string): string {
  return /^(.+)-[^-]+-[^-]+\.(?:no)?src\.rpm$/.exec(sourceRpm)?.[1] ?? name;
}

// Where the compose engine may have put it: as it was in the tree or where the commit has it; a kernel of /boot lies beside its modules.
function placesInTree(path: string): string[] {
  const kernel = /^\/boot\/vmlinuz-(.+)$/.exec(path)?.[1];
  if (kernel !== undefined) return [`usr/lib/modules/${kernel}/vmlinuz`];
  const places = new Set([treePath(path), shippedPath(path) ?? treePath(path)]);
  return [...places].map((place) => place.slice(1));
}
