// One folder for each running machine (overlay, UEFI variables, QEMU's log and pid). It is removed at the end; what a killed harness
// left behind, folder and QEMU, is removed at the next start.

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../lib/cache.ts';
import { processStartTime } from '../lib/process-start-time.ts';

export function machinesFolder(): string {
  return join(cacheDirectory(), 'machines');
}

/** Name of the file that QEMU writes its pid into. */
export const pidFileName = 'qemu.pid';

/**
 * Makes a new empty folder (absolute path) whose name tells its owner: `PID-STARTTIME-RANDOM`. Sweeps first.
 * A reused pid is told apart by the start time of the process (field 22 of /proc/PID/stat).
 */
export async function makeWorkFolder(parent = machinesFolder()): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await sweepStaleFolders(parent);
  const name = `${process.pid}-${processStartTime(process.pid)}-${randomBytes(4).toString('hex')}`;
  const folder = join(parent, name);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Removes the folders whose owner is gone, and ends a QEMU that still uses one. Returns the removed folders. */
export async function sweepStaleFolders(parent: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(parent)) {
    const owner = /^(\d+)-(\d+)-[0-9a-f]{8}$/.exec(name);
    if (owner === null || processStartTime(Number(owner[1])) === owner[2]) continue;
    const folder = join(parent, name);
    await endQemuOf(folder);
    await rm(folder, { recursive: true, force: true });
    removed.push(folder);
  }
  return removed;
}

// Only a process whose command line names this very folder is ended: the pid may long be somebody else's.
async function endQemuOf(folder: string): Promise<void> {
  try {
    const pid = Number((await readFile(join(folder, pidFileName), 'utf8')).trim());
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (commandLine.includes(folder)) process.kill(pid, 'SIGKILL');
  } catch {
    // No pid file or no such process: nothing runs.
  }
}
