// `slipway qemu console`: what a machine that runs says on its serial console.

import { UserError } from '../../../lib/errors.ts';
import { followConsole } from '../../../qemu/attach.ts';
import { listMachines, pickMachine } from '../../../qemu/machine-record.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: {
    name: { type: 'string', describe: 'Name from `slipway qemu list`; not needed when one machine runs' },
  },
  examples: [['qemu console 1f2e3d4c', 'All lines so far and those to come, until the machine ends or Ctrl-C']],
  async run({ name }, { events, signal, json }) {
    if (json) throw new UserError('interactive', 'qemu console has no JSON result', { hint: 'use qemu test' });
    const machine = pickMachine(await listMachines(), name);
    await followConsole(machine, (line) => process.stdout.write(`${line}\n`), { events, signal });
    return undefined;
  },
});
