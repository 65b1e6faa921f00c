// A repository that is made in a folder with other things in it would be mixed with them.

import { readdir } from 'node:fs/promises';
import { UserError } from '../../lib/errors.ts';

/** What a repository has at its top, also one whose making was cut short; ostree.repo(5). */
const repositoryNames = /^(config|extensions|objects|refs|state|summary(\.sig)?|deltas|delta-indexes|tmp|\..*)$/;

/** @throws UserError `not-a-repository` for a folder that holds anything but a repository; a path that does not exist is fine */
export async function refuseForeignFolder(path: string): Promise<void> {
  const foreign = (await namesIn(path)).find((name) => !repositoryNames.test(name));
  if (foreign === undefined) return;
  throw new UserError('not-a-repository', `${path} holds other files (${foreign}) and is no OSTree repository`, {
    hint: 'name a repository, or a folder that is empty or does not exist yet',
  });
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
