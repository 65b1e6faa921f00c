// Files that killed runs left half-written in the caches of the resolver: hidden `.NAME.PID-RANDOM.tmp` beside where they were to go
// (lib/files.ts). A living process's own and fresh ones are kept, because a process of another container cannot be seen.

import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const folders = ['metadata', 'rpms', 'solv'];
const temporaryName = /^\..*\.(?<pid>\d+)-[0-9a-f]{8}\.tmp$/;
const graceMs = 60 * 60 * 1000;

/**
 * Removes them.
 * @param nowMs milliseconds since 1970
 * @returns how many
 */
export async function removeLeftovers(cacheDir: string, nowMs: number): Promise<number> {
  let removed = 0;
  for (const folder of folders) {
    const names = await readdir(join(cacheDir, folder), { recursive: true }).catch(() => []);
    for (const name of names) {
      const pid = temporaryName.exec(name.slice(name.lastIndexOf('/') + 1))?.groups?.pid;
      if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
      const path = join(cacheDir, folder, name);
      const changedAt = (await stat(path).catch(() => undefined))?.mtimeMs ?? nowMs;
      if (nowMs - changedAt < graceMs) continue;
      await rm(path, { force: true });
      removed++;
    }
  }
  return removed;
}
