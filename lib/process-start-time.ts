// By which a process is told from a later one with its number.

import { readFileSync } from 'node:fs';

/**
 * Start time in clock ticks since boot, proc_pid_stat(5).
 * @returns null when there is no such process, or it has ended and its parent has not asked for its status: in a container that may never happen
 */
export function processStartTime(pid: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field, the command, may hold spaces and parentheses: count from its end.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
}
