// Processes of this host, found by a word of their command line.

import { readdir, readFile } from 'node:fs/promises';

/** Command lines that hold the words, e.g. the path of a machine's work folder. */
export async function processesNaming(words: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process that has just ended has no command line any more.
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ').trim()).filter((line) => line.includes(words));
}
