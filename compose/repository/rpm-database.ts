// The package database that a commit ships, as RPM headers: what `rpm -qa` would read in the host.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ToolError } from '../../lib/errors.ts';
import { type RpmHeader, rpmHeaderOf } from '../../lib/rpm/read.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';

const databaseFile = 'rpmdb.sqlite';

/** Headers of all packages; empty when the commit has no package database in SQLite form. */
export async function readRpmDatabase(repo: string, commit: string, context: EngineContext): Promise<RpmHeader[]> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-rpmdb-'));
  try {
    const path = await checkOutDatabase(repo, commit, join(folder, 'rpm'), context);
    return path === null ? [] : readHeaders(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Path of the database, or null. */
async function checkOutDatabase(
  repo: string,
  commit: string,
  folder: string,
  context: EngineContext,
): Promise<string | null> {
  try {
    await run(checkoutArgv(repo, commit, folder), context.runOptions);
  } catch (error) {
    // A tree without packages has no such folder.
    if (error instanceof ToolError && error.output.includes('No such file')) return null;
    throw error;
  }
  const path = join(folder, databaseFile);
  return existsSync(path) ? path : null;
}

/** Copies, so that nothing can be written into the repository through a hard link. */
export function checkoutArgv(repo: string, commit: string, folder: string): string[] {
  return [
    ...['ostree', `--repo=${repo}`, 'checkout', '--user-mode', '--force-copy', '--fsync=0'],
    ...['--subpath=/usr/share/rpm', commit, folder],
  ];
}

function readHeaders(path: string): RpmHeader[] {
  const database = new DatabaseSync(path);
  try {
    const rows = database.prepare('select blob from Packages order by hnum').all();
    return rows.map((row) => rpmHeaderOf(Buffer.from(row.blob as Uint8Array), path));
  } finally {
    database.close();
  }
}
