// What this host can give to machines: cores to compute on and memory. Pure.

import type { Accelerator } from '../machine.ts';

export interface HostResources {
  readonly cores: number;
  /** Memory that can be given away before any machine runs, MiB. */
  readonly freeMiB: number;
}

export interface Budget {
  /** Machines that run at once. */
  readonly slots: number;
  readonly memoryMiB: number;
}

// QEMU itself, its translation cache (256 MiB under TCG) and disk caches.
const overheadMiB = { kvm: 128, tcg: 384 } as const;

/**
 * One machine for each core: under TCG the virtual CPUs of a guest are one thread, which computes all the time while the guest works.
 * @param parallel machines at once as somebody has decided, whatever the host has; null lets the host decide
 */
export function hostBudget(host: HostResources, parallel: number | null): Budget {
  return parallel === null
    ? { slots: host.cores, memoryMiB: host.freeMiB }
    : { slots: parallel, memoryMiB: Number.POSITIVE_INFINITY };
}

/** Memory that one machine takes, frozen or running. RAM counts in full for each although restored machines share what they do not change. */
export function machineCostMiB(memoryMiB: number, accelerator: Accelerator): number {
  return memoryMiB + overheadMiB[accelerator];
}
