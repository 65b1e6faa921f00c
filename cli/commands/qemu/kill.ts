// `slipway qemu kill`: end machines as a power cut does; the command that started one removes what it leaves.

import { killMachine, listMachines, pickMachine } from '../../../qemu/machine-record.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: {
    name: { type: 'string', describe: 'Name from `slipway qemu list`; not needed when one machine runs' },
  },
  examples: [['qemu kill 1f2e3d4c', 'Cut the power of one machine']],
  async run({ name }) {
    const machine = pickMachine(await listMachines(), name);
    killMachine(machine);
    return { document: machine, text: `ended ${machine.name} (${machine.image})` };
  },
});
