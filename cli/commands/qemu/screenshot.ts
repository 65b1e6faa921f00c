// `slipway qemu screenshot`: what a machine that runs shows on its screen.

import { screenshotOf } from '../../../qemu/attach.ts';
import { listMachines, pickMachine } from '../../../qemu/machine-record.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  positionals: {
    file: { type: 'string', describe: 'PNG file to write', demandOption: true },
    name: { type: 'string', describe: 'Name from `slipway qemu list`; not needed when one machine runs' },
  },
  examples: [
    ['qemu screenshot screen.png', 'The screen of the only machine'],
    ['qemu screenshot screen.png 1f2e3d4c', 'That of the machine of that name'],
  ],
  async run({ file, name }) {
    const machine = pickMachine(await listMachines(), name);
    await screenshotOf(machine, file);
    return { document: { kind: 'screenshot', version: 1, machine: machine.name, file }, text: `wrote ${file}` };
  },
});
