// What the configuration of a repository says of its objects, ostree.repo-config(5).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In which form files are kept. */
export function modeOf(repo: string): string {
  return settingOf(repo, 'mode') ?? 'bare';
}

/** The repository, and those where it looks for what it has not itself. */
export function withParents(repo: string): string[] {
  const parent = settingOf(repo, 'parent');
  return parent === undefined ? [repo] : [repo, ...withParents(parent)];
}

/** Whether files are kept on disk with their own owners and attributes, which a user namespace may not all set. */
export function isBare(repo: string): boolean {
  return modeOf(repo) === 'bare';
}

function settingOf(repo: string, key: 'mode' | 'parent'): string | undefined {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(readFileSync(join(repo, 'config'), 'utf8'))?.[1];
}
