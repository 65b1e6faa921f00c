// Makes an empty repository where there is none.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../lib/files.ts';
import { type RunOptions, run } from '../../lib/run.ts';

export type RepoMode = 'bare-user' | 'archive' | 'bare';

/** @param repo its folder, made when missing */
export async function initialiseRepository(repo: string, mode: RepoMode, options: RunOptions): Promise<void> {
  if (isInitialised(repo)) return;
  await makeFolder(repo);
  await run(['ostree', `--repo=${repo}`, 'init', `--mode=${mode}`], options);
}

/** ostree makes this folder last: without it the making was cut short, and is taken up again. */
export function isInitialised(repo: string): boolean {
  return existsSync(join(repo, 'objects'));
}
