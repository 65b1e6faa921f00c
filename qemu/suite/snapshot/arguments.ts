// QEMU arguments of machines that are frozen and of those restored from them. Pure.
//
// RAM of the frozen machine is an anonymous file (memfd) that its stopped QEMU holds; each restored machine maps it copy-on-write.
// So RAM is never copied, is shared by all that run, and is gone when the frozen QEMU ends. docs/decisions/0004-boot-test-snapshots.md

import { quoteCommand } from '../../../lib/run.ts';

// A changed GUID tells the kernel that it was cloned: it reseeds its random numbers at once (drivers/virt/vmgenid.c of Linux).
const generationId = ['-device', 'vmgenid,guid=auto'];
const ramIsBackend = ['-machine', 'memory-backend=ram'];

/** For the machine that will be frozen. */
export function frozenArguments(memoryMiB: number): string[] {
  return ['-object', `memory-backend-memfd,id=ram,size=${memoryMiB}M,share=on`, ...ramIsBackend, ...generationId];
}

/** For a machine restored from a frozen one; it waits for `migrate-incoming`. @param ramFile /proc/PID/fd/N of the frozen QEMU */
export function restoredArguments(memoryMiB: number, ramFile: string): string[] {
  const ram = `memory-backend-file,id=ram,size=${memoryMiB}M,share=off,mem-path=${ramFile}`;
  return ['-object', ram, ...ramIsBackend, ...generationId, '-incoming', 'defer'];
}

/** Migration address that writes the devices' state into a file (`file:` needs QEMU 8.2). */
export function saveAddress(file: string): string {
  return `exec:${quoteCommand(['dd', 'status=none', 'bs=64k', `of=${file}`])}`;
}

/** Migration address that reads it. */
export function loadAddress(file: string): string {
  return `exec:${quoteCommand(['cat', file])}`;
}

/** Leaves RAM out of the migration stream where it is shared: the frozen side's whole RAM. */
export const shareRam = { capabilities: [{ capability: 'x-ignore-shared', state: true }] };
