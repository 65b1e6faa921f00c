// Remembers what the pool of the last job was made of, so that a child can make it ready before it knows its own job. A guess only: it is used
// when the job turns out to need exactly this.

import { readFileSync } from '../../../lib/plain-fs.ts';
import type { SolverJob } from './job.ts';

export type PoolContent = Pick<SolverJob, 'arch' | 'repos'>;

/** PoolContent as JSON. @param cacheDir folder of parsed metadata */
export function readRecent(cacheDir: string): string | undefined {
  try {
    return readFileSync(recentPath(cacheDir), 'utf8');
  } catch {
    return undefined;
  }
}

/** Where it cannot be written, the next child does without. */
export async function writeRecent(cacheDir: string, content: string): Promise<void> {
  if (readRecent(cacheDir) === content) return;
  const { writeCacheFile } = await import('../../../lib/files.ts');
  await writeCacheFile(recentPath(cacheDir), content).catch(() => {});
}

function recentPath(cacheDir: string): string {
  return `${cacheDir}/recent.json`;
}
