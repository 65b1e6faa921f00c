// In which form a repository keeps files.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether files are kept on disk with their own owners and attributes (ostree.repo-config(5)), which a user namespace may not all set. */
export async function isBare(repo: string): Promise<boolean> {
  return /^mode=bare$/m.test(await readFile(join(repo, 'config'), 'utf8'));
}
