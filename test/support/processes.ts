// Processes of this host, found by a word of their command line or by what they hold.

import { readdir, readFile, stat } from 'node:fs/promises';

/** Command lines that hold the words, e.g. the path of a machine's work folder. */
export async function processesNaming(words: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process that has just ended has no command line any more.
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ').trim()).filter((line) => line.includes(words));
}

/** Ids of the processes that hold a lock on a file by flock(2); proc_locks(5). */
export async function lockHolders(path: string): Promise<number[]> {
  const { ino } = await stat(path);
  const locks = (await readFile('/proc/locks', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return locks
    .filter(([, kind, , , , place]) => kind === 'FLOCK' && place?.split(':')[2] === `${ino}`)
    .map(([, , , , pid]) => Number(pid));
}

export async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\s*(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
