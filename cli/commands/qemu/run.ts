// `slipway qemu run`: an image in a machine, for people.

import { UserError } from '../../../lib/errors.ts';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { firmwares } from '../../../qemu/machine.ts';
import { runImage } from '../../../qemu/run-image.ts';
import { defineCommand } from '../../command.ts';
import { machineFileOptions, machineOf } from './options.ts';

export const command = defineCommand({
  positionals: { image: { type: 'string', describe: 'Raw or qcow2 image', demandOption: true } },
  options: {
    firmware: {
      choices: firmwares,
      describe: 'Firmware (default: that of the machine file, else bios)',
      requiresArg: true,
    },
    persist: { type: 'boolean', default: false, describe: 'Write changes to the image (default: thrown away)' },
    ssh: { type: 'boolean', default: false, describe: 'Open a root shell by ssh instead of the serial console' },
    port: { type: 'number', array: true, default: [], describe: 'Forward this TCP port of the guest; may be repeated' },
    ...machineFileOptions,
  },
  examples: [
    ['qemu run image.qcow2', 'Boot with the serial console here; leave with Ctrl-A X'],
    ['qemu run image.qcow2 --firmware uefi --ssh', 'Boot under UEFI and log in'],
    ['qemu run image.qcow2 --machine lab.yaml', 'Boot in the machine that the file describes'],
  ],
  async run({ image, firmware, persist, ssh, port, accel, ...machineWords }, { events, signal, json }) {
    if (json) {
      throw new UserError('interactive', 'qemu run is interactive and has no JSON result', { hint: 'use qemu test' });
    }
    const accelerator = chosenAccelerator(accel);
    const machine = machineOf(machineWords);
    const options = {
      ...machine,
      image,
      firmware: firmware ?? machine.firmware ?? 'bios',
      persist,
      ssh,
      guestPorts: [...(machine.guestPorts ?? []), ...(port as number[])],
      accelerator,
    };
    await runImage(options, { input: process.stdin, output: process.stdout }, { events, signal });
    return undefined;
  },
});
