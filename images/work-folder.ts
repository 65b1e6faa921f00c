// Hidden work folders whose name tells whose they are, so that a later run can remove those of runs that were killed.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';

const prefix = '.slipway-images-';

/** Makes `.slipway-images-PID-START-RANDOM` in `parent` (made if missing) and returns its path. */
export async function makeWorkFolder(parent: string): Promise<string> {
  const folder = join(parent, `${prefix}${process.pid}-${startTime(process.pid)}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Work folders in `parent` whose process is gone. */
export async function staleWorkFolders(parent: string): Promise<string[]> {
  const names = await readdir(parent).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => {
      const owner = new RegExp(`^${prefix.replaceAll('.', '\\.')}(\\d+)-(\\d+)-`).exec(name);
      return owner !== null && startTime(Number(owner[1])) !== owner[2];
    })
    .map((name) => join(parent, name));
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

// Clock ticks from boot to the process's start (proc_pid_stat(5), field 22): a process id alone comes again.
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
