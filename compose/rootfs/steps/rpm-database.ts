// Puts the package database at /usr/share/rpm, where OSTree hosts keep it, with links from the other usual places, and tells the tree's
// own rpm about it: some distributions' default is another path.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const place = 'usr/share/rpm';
const macroFile = 'usr/lib/rpm/macros.d/macros.slipway';

/** The tmpfiles.d(5) line for the oldest of the usual places. */
export const rpmDatabaseTmpfiles = ['L /var/lib/rpm - - - - ../../usr/share/rpm'];

/**
 * @param database the file to move, on the same file system as the tree
 */
export function placeRpmDatabase(root: string, database: string): void {
  rmSync(join(root, place), { recursive: true, force: true });
  mkdirSync(join(root, place), { recursive: true });
  renameSync(database, join(root, place, 'rpmdb.sqlite'));
  const sysimage = join(root, 'usr/lib/sysimage/rpm');
  rmSync(sysimage, { recursive: true, force: true });
  mkdirSync(dirname(sysimage), { recursive: true });
  symlinkSync('../../share/rpm', sysimage);
  if (!usesRpm(root)) return;
  mkdirSync(dirname(join(root, macroFile)), { recursive: true });
  writeFileSync(join(root, macroFile), `%_dbpath /${place}\n`);
}

function usesRpm(root: string): boolean {
  return existsSync(join(root, 'usr/bin/rpm')) || readdirSync(join(root, 'usr/lib')).includes('rpm');
}
