// Options that the qemu commands share.

import { machineDefaults } from '../../../qemu/machine-run.ts';
import type { OptionTable } from '../../command.ts';

export const machineOptions = {
  accel: {
    choices: ['auto', 'kvm', 'tcg'],
    describe: 'How guest code runs (default: $SLIPWAY_ACCEL, else auto: KVM when a tiny guest proves that it works)',
    requiresArg: true,
  },
  memory: { type: 'number', default: machineDefaults.memoryMiB, describe: 'Memory in MiB', requiresArg: true },
  cpus: { type: 'number', default: machineDefaults.cpus, describe: 'Virtual CPUs', requiresArg: true },
} as const satisfies OptionTable;
