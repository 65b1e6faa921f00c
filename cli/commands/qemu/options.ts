// Options that the qemu commands share.

import type { PortForward } from '../../../qemu/argv/network.ts';
import { type MachineFile, readMachineFile, smallestMemoryMiB } from '../../../qemu/machine-file.ts';
import { machineDefaults } from '../../../qemu/machine-run.ts';
import type { OptionTable } from '../../command.ts';
import { requireAtLeast } from '../../option-values.ts';
import { UsageError } from '../../usage-error.ts';

export const machineOptions = {
  accel: {
    choices: ['auto', 'kvm', 'tcg'],
    describe: 'How guest code runs (default: $SLIPWAY_ACCEL, else auto: KVM when a tiny guest proves that it works)',
    requiresArg: true,
  },
  memory: { type: 'number', default: machineDefaults.memoryMiB, describe: 'Memory in MiB', requiresArg: true },
  cpus: { type: 'number', default: machineDefaults.cpus, describe: 'Virtual CPUs', requiresArg: true },
} as const satisfies OptionTable;

/** For commands that take a machine file: what is not given on the command line is the file's, then the default. */
export const machineFileOptions = {
  accel: machineOptions.accel,
  machine: { type: 'string', describe: 'YAML file that describes the machine', requiresArg: true },
  memory: withoutDefault(machineOptions.memory),
  cpus: withoutDefault(machineOptions.cpus),
} as const satisfies OptionTable;

/** @throws UsageError for numbers that no machine can have */
export function checkMachineNumbers(given: {
  readonly memory?: number | undefined;
  readonly cpus?: number | undefined;
  readonly timeout?: number;
}): void {
  requireAtLeast('memory', given.memory, smallestMemoryMiB);
  requireAtLeast('cpus', given.cpus, 1);
  requireAtLeast('timeout', given.timeout, 1);
}

/** `80` for a free port of this host, `8080:80` for that one. @throws UsageError */
export function parsePorts(words: readonly string[]): { guestPorts: number[]; fixedPorts: PortForward[] } {
  const guestPorts: number[] = [];
  const fixedPorts: PortForward[] = [];
  for (const word of words) {
    const ports = word.split(':');
    if (
      ports.length > 2 ||
      !ports.every((port) => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)
    ) {
      throw new UsageError(`--port cannot be "${word}"`, 'it is a port of the guest (1 to 65535), or HOST:GUEST');
    }
    const [first, second] = ports.map(Number);
    if (second === undefined) guestPorts.push(first!);
    else fixedPorts.push({ hostPort: first!, guestPort: second });
  }
  return { guestPorts, fixedPorts };
}

/** The machine of a command line; `firmware` stays absent when nobody names one. @throws DiagnosticsError, UsageError */
export function machineOf(given: {
  readonly machine: string | undefined;
  readonly memory: number | undefined;
  readonly cpus: number | undefined;
}): MachineFile & Required<Pick<MachineFile, 'memoryMiB' | 'cpus'>> {
  checkMachineNumbers(given);
  const file = given.machine === undefined ? {} : readMachineFile(given.machine);
  return {
    ...file,
    memoryMiB: given.memory ?? file.memoryMiB ?? machineDefaults.memoryMiB,
    cpus: given.cpus ?? file.cpus ?? machineDefaults.cpus,
  };
}

function withoutDefault(option: { readonly default: number; readonly describe: string }): {
  readonly type: 'number';
  readonly describe: string;
  readonly requiresArg: true;
} {
  const describe = `${option.describe} (default: that of the machine file, else ${option.default})`;
  return { type: 'number', describe, requiresArg: true };
}
