// Options that the qemu commands share.

import { type MachineFile, readMachineFile, smallestMemoryMiB } from '../../../qemu/machine-file.ts';
import { machineDefaults } from '../../../qemu/machine-run.ts';
import { type GuestPorts, isPortWord, portsOf, portWords } from '../../../qemu/port-words.ts';
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

/** @throws UsageError for words that are no ports */
export function parsePorts(words: readonly string[]): GuestPorts {
  const wrong = words.find((word) => !isPortWord(word));
  if (wrong !== undefined) throw new UsageError(`--port cannot be "${wrong}"`, `it is ${portWords}`);
  return portsOf(words);
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
