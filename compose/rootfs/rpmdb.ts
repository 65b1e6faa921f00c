// Writes the package database of the tree with the build machine's rpm, beside the other work because it depends on headers alone, and
// makes its bytes depend on the packages alone: one plain file, no journal, no lock.

import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import type { EnginePackage } from '../packages/package.ts';

const databaseFile = 'rpmdb.sqlite';

/**
 * Writes the database into the new folder `folder`.
 * @param packages in installation order
 * @param sourceDateEpoch becomes the packages' installation time
 * @returns path of the database file
 */
export async function writeRpmDatabase(
  packages: readonly EnginePackage[],
  folder: string,
  sourceDateEpoch: number,
  context: EngineContext,
): Promise<string> {
  const place = join(folder, 'root');
  await mkdir(join(place, 'db'), { recursive: true });
  const manifest = await writeManifest(packages, folder);
  const options = { ...context.runOptions, cwd: folder, env: { SOURCE_DATE_EPOCH: String(sourceDateEpoch) } };
  await run(rpmArgv(place, ['--initdb']), options);
  await run(rpmArgv(place, installOptions.concat(manifest)), options);
  await settle(join(place, 'db'));
  return join(place, 'db', databaseFile);
}

// rpm splits the lines of a manifest at white space and takes the words for patterns: it gets plain names of links.
async function writeManifest(packages: readonly EnginePackage[], folder: string): Promise<string> {
  const links = join(folder, 'links');
  await mkdir(links);
  const names = packages.map((_, index) => `links/${index}.rpm`);
  await Promise.all(packages.map((each, index) => symlink(each.path, join(folder, names[index]!))));
  await writeFile(join(folder, 'manifest'), names.map((name) => `${name}\n`).join(''));
  return 'manifest';
}

// Conflicts of files are judged before (packages/conflicts.ts), which knows what the treefile does not want.
const installOptions = [
  ...['--install', '--justdb', '--noscripts', '--notriggers', '--nodeps', '--noorder'],
  ...['--nosignature', '--nodigest', '--ignoresize', '--ignorearch', '--ignoreos'],
  '--replacefiles',
];

/** The database's format is given, so that the build machine's configuration has no say. */
export function rpmArgv(root: string, rest: readonly string[]): string[] {
  return ['rpm', '--root', root, '--dbpath', '/db', '--define', '_db_backend sqlite', ...rest];
}

// Folds the write-ahead log into the file and rewrites it in one order.
async function settle(folder: string): Promise<void> {
  const database = new DatabaseSync(join(folder, databaseFile));
  database.exec('pragma wal_checkpoint(truncate)');
  database.exec('pragma journal_mode = delete');
  database.exec('vacuum');
  database.close();
  for (const name of await readdir(folder)) if (name !== databaseFile) await rm(join(folder, name));
}
