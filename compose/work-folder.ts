// Names of work folders: each says which process it belongs to, so that the next compose can tell what a killed one left behind. Pure but
// for /proc.

import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { processStartTime } from '../lib/process-start-time.ts';

/** A name no other process has had or will have on this machine: process id, its start time, and the process namespace. */
export async function workFolderName(): Promise<string> {
  const started = processStartTime(process.pid);
  return `${process.pid}-${started}-${await processNamespace()}-${performance.now().toString(36).replace('.', '')}`;
}

/**
 * Folders in `parent`, named `prefix` and a name as above, whose process is gone. Those of another process namespace (a container) cannot be
 * judged and are kept.
 */
export async function staleWorkFolders(parent: string, prefix = ''): Promise<string[]> {
  const namespace = await processNamespace();
  const names = await readdir(parent).catch(() => []);
  const stale: string[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const [pid, started, owner] = name.slice(prefix.length).split('-');
    if (pid === undefined || owner !== namespace) continue;
    if (processStartTime(Number(pid)) !== started) stale.push(join(parent, name));
  }
  return stale;
}

async function processNamespace(): Promise<string> {
  return /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0] ?? '';
}
