// Hidden work folders whose name tells whose they are, so that a later run can remove those of runs that were killed.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as composes from '../compose/work-folder.ts';
import { UserError } from '../lib/errors.ts';
import { makeFolder } from '../lib/files.ts';

const prefix = '.slipway-images-';

/** Makes a folder in `parent` (made if missing) and returns its path. */
export async function makeWorkFolder(parent: string): Promise<string> {
  const folder = join(parent, `${prefix}${await composes.workFolderName()}`);
  await makeFolder(folder);
  return folder;
}

/** Work folders in `parent` whose process is gone. */
export async function staleWorkFolders(parent: string): Promise<string[]> {
  return await composes.staleWorkFolders(parent, prefix);
}

/** @throws UserError `cleanup-failed` */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (cause) {
    throw new UserError('cleanup-failed', `${folder} cannot be removed: ${(cause as Error).message}`, {
      hint: 'a file in it may be immutable: remove the folder by hand after chattr -R -i',
      cause,
    });
  }
}
