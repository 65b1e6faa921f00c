// From tests to machines: tests with equal needs share one boot and one snapshot; memory and cores say how many run at once. Pure.

import { canonicalJson } from '../../lib/documents.ts';
import type { Accelerator } from '../machine.ts';
import type { ExternalTest } from './external/discover.ts';

/** What distinguishes machines. */
export interface MachineNeeds {
  readonly memoryMiB: number;
  /** Absolute path of an Ignition config, or null. */
  readonly ignition: string | null;
  readonly additionalDisks: readonly string[];
  readonly kernelArguments: string;
}

export interface MachineGroup {
  readonly needs: MachineNeeds;
  readonly tests: readonly ExternalTest[];
}

export function machineNeeds({ declaration, ignition }: ExternalTest, memoryMiB: number): MachineNeeds {
  return {
    memoryMiB: Math.max(memoryMiB, declaration.minMemory),
    ignition,
    additionalDisks: declaration.additionalDisks,
    kernelArguments: declaration.appendKernelArgs.trim(),
  };
}

/** One group for each distinct machine; the largest first, so that the long work does not come last. */
export function groupByMachine(tests: readonly ExternalTest[], memoryMiB: number): MachineGroup[] {
  const groups = new Map<string, { needs: MachineNeeds; tests: ExternalTest[] }>();
  for (const test of tests) {
    const needs = machineNeeds(test, memoryMiB);
    const id = canonicalJson(needs);
    const group = groups.get(id) ?? { needs, tests: [] };
    group.tests.push(test);
    groups.set(id, group);
  }
  return [...groups.values()].sort((a, b) => b.tests.length - a.tests.length);
}

export interface HostResources {
  readonly cores: number;
  /** Memory that can be given away, MiB. */
  readonly freeMiB: number;
}

// QEMU itself, its translation cache (256 MiB under TCG) and disk caches.
const overheadMiB = { kvm: 128, tcg: 384 } as const;

/**
 * How many machines run beside each other. Under TCG a guest's virtual CPUs are threads that compute all the time while it works, so there is one machine for each
 * two cores; under KVM guests mostly wait.
 * RAM counts in full for each although restored machines share what they do not change.
 */
export function machinesAtOnce(
  machine: { readonly memoryMiB: number; readonly accelerator: Accelerator },
  host: HostResources,
): number {
  const byMemory = Math.floor(host.freeMiB / (machine.memoryMiB + overheadMiB[machine.accelerator])) - 1; // the frozen one
  const byCores = machine.accelerator === 'kvm' ? host.cores : Math.floor(host.cores / 2);
  return Math.max(1, Math.min(byMemory, byCores));
}

/** A few words for progress and reports: `1024 MiB, 1 disk more, root=…`. */
export function describeNeeds(needs: MachineNeeds): string {
  const disks = needs.additionalDisks.length;
  return [
    `${needs.memoryMiB} MiB`,
    ...(needs.ignition === null ? [] : ['Ignition']),
    ...(disks === 0 ? [] : [`${disks} more ${disks === 1 ? 'disk' : 'disks'}`]),
    ...(needs.kernelArguments === '' ? [] : [needs.kernelArguments]),
  ].join(', ');
}
