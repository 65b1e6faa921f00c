// Puts the package database at /usr/share/rpm, where OSTree hosts keep it, with links from the other usual places, and tells the tree's
// own rpm about it: some distributions' default is another path.

import { existsSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entryInTree, inTree, makeFolderInTree } from '../../../lib/in-tree.ts';

const place = 'usr/share/rpm';
const sysimagePlace = 'usr/lib/sysimage/rpm';
const macroFile = 'usr/lib/rpm/macros.d/macros.slipway';

/** The tmpfiles.d(5) line for the oldest of the usual places. */
export const rpmDatabaseTmpfiles = ['L /var/lib/rpm - - - - ../../usr/share/rpm'];

/**
 * @param database the file to move, on the same file system as the tree
 */
export function placeRpmDatabase(root: string, database: string): void {
  rmSync(entryInTree(root, place), { recursive: true, force: true });
  renameSync(database, join(makeFolderInTree(root, place), 'rpmdb.sqlite'));
  const sysimage = entryInTree(root, sysimagePlace);
  rmSync(sysimage, { recursive: true, force: true });
  makeFolderInTree(root, dirname(sysimagePlace));
  symlinkSync('../../share/rpm', sysimage);
  if (!usesRpm(root)) return;
  makeFolderInTree(root, dirname(macroFile));
  const macros = entryInTree(root, macroFile);
  rmSync(macros, { force: true }); // one of a layer or package is a link into the cache, which must not be written to
  writeFileSync(macros, `%_dbpath /${place}\n`);
}

function usesRpm(root: string): boolean {
  return existsSync(inTree(root, 'usr/bin/rpm')) || readdirSync(inTree(root, 'usr/lib')).includes('rpm');
}
