// Kernel arguments for a guest that boots by its own boot loader.

import type { Machine } from './machine-run.ts';
import type { GuestVerdict } from './verdict.ts';

/**
 * Kernel arguments belong to a deployment: they are added to it in the guest (an OSTree host), and the machine is booted again.
 * @param words with white space between
 * @throws UserError `boot-failed`; ToolError when the guest is no OSTree host
 */
export async function bootWithArguments(machine: Machine, words: string, timeoutMs: number): Promise<GuestVerdict> {
  const appended = words
    .trim()
    .split(/\s+/)
    .map((word) => `--append=${word}`);
  // Read-only on OSTree hosts; this command of ostree does not remount it as `ostree admin` commands for people do.
  await machine.run(['mount', '-o', 'remount,rw', '/sysroot']);
  await machine.run(['ostree', 'admin', 'instutil', 'set-kargs', '--merge', ...appended]);
  return await machine.reboot({ timeoutMs });
}
