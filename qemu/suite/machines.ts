// From tests to machines: tests with equal needs share one boot and one snapshot. Pure.

import { canonicalJson } from '../../lib/documents.ts';
import type { Hardware } from '../hardware.ts';
import type { Declaration } from './external/declaration.ts';
import type { ExternalTest } from './external/discover.ts';

/** What distinguishes machines. */
export interface MachineNeeds {
  readonly memoryMiB: number;
  /** Absolute path of an Ignition config, or null. */
  readonly ignition: string | null;
  /** The disk that is booted is at least so large; 0 for the size of the image. */
  readonly diskMiB: number;
  readonly additionalDisks: readonly string[];
  readonly additionalNics: number;
  readonly kernelArguments: string;
  /** False: a boot that the base checks find fault with is good enough (tag `skip-base-checks`). */
  readonly judged: boolean;
}

export interface MachineGroup {
  readonly needs: MachineNeeds;
  readonly tests: readonly ExternalTest[];
}

export function machineNeeds({ declaration, ignition }: ExternalTest, memoryMiB: number): MachineNeeds {
  return {
    memoryMiB: Math.max(memoryMiB, declaration.minMemory),
    ignition,
    diskMiB: diskMiB(declaration),
    additionalDisks: declaration.additionalDisks,
    additionalNics: declaration.additionalNics,
    kernelArguments: declaration.appendKernelArgs.trim(),
    judged: !skipsBaseChecks(declaration),
  };
}

/** As kola's tag says: only the exit status of the test counts. */
export function skipsBaseChecks({ tags }: Declaration): boolean {
  return tags.includes('skip-base-checks');
}

/** As in kola, the guest's network leads out of the host only for tests with this tag. */
export function needsInternet({ tags }: Declaration): boolean {
  return tags.includes('needs-internet');
}

function diskMiB({ minDisk, primaryDisk }: Declaration): number {
  return Math.max(minDisk * 1024, primaryDisk === '' ? 0 : sizeMiB(primaryDisk));
}

const mebibytes = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 } as const;

/** `5G` -> 5120; rounded up. */
export function sizeMiB(size: string): number {
  return Math.ceil(Number(size.slice(0, -1)) * mebibytes[size.slice(-1) as keyof typeof mebibytes]);
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

/**
 * What the machine of a group has, on top of what all machines of the run have. Serial numbers are those of kola:
 * primary-disk, disk1, disk2, …
 */
export function hardwareOf(needs: MachineNeeds, base: Partial<Hardware>): Partial<Hardware> {
  const disks = needs.additionalDisks.map((size, index) => ({
    sizeMiB: sizeMiB(size),
    bus: 'virtio' as const,
    serial: `disk${index + 1}`,
  }));
  const cards = Array.from({ length: needs.additionalNics }, () => ({ type: 'outward' as const }));
  return {
    ...base,
    diskSerial: 'primary-disk',
    diskAtLeastMiB: needs.diskMiB,
    extraDisks: [...disks, ...(base.extraDisks ?? [])],
    networks: [...(base.networks ?? []), ...cards],
    ignition: needs.ignition ?? base.ignition ?? null,
  };
}

/** What of a machine no snapshot can hold, in words; null when it can be frozen and restored. */
export function whyNotFrozen({
  tpm,
  diskBus,
  extraDisks = [],
  networks = [],
  shares = [],
}: Partial<Hardware>): string | null {
  if (tpm === true) return 'a TPM';
  // QEMU marks the device as not migratable.
  if (diskBus === 'nvme' || extraDisks.some(({ bus }) => bus === 'nvme')) return 'an NVMe disk';
  // Copies would all have the address of the one that was frozen.
  if (networks.some(({ type }) => type !== 'outward')) return 'a network with other machines';
  if (shares.length > 0) return 'a folder of the host';
  return null;
}

/** A few words for progress and reports: `1024 MiB, 1 disk more, root=…`. */
export function describeNeeds(needs: MachineNeeds): string {
  const more = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${count} more ${count === 1 ? what : `${what}s`}`];
  return [
    `${needs.memoryMiB} MiB`,
    ...(needs.ignition === null ? [] : ['Ignition']),
    ...(needs.diskMiB === 0 ? [] : [`a disk of ${needs.diskMiB} MiB`]),
    ...more(needs.additionalDisks.length, 'disk'),
    ...more(needs.additionalNics, 'network card'),
    ...(needs.kernelArguments === '' ? [] : [needs.kernelArguments]),
    ...(needs.judged ? [] : ['not judged']),
  ].join(', ');
}
