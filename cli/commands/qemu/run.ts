// `slipway qemu run`: an image in a machine, for people.

import { UserError } from '../../../lib/errors.ts';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { runImage } from '../../../qemu/run-image.ts';
import { defineCommand } from '../../command.ts';
import { machineOptions } from './options.ts';

export const command = defineCommand({
  positionals: { image: { type: 'string', describe: 'Raw or qcow2 image', demandOption: true } },
  options: {
    firmware: { choices: ['bios', 'uefi'] as const, default: 'bios' as const, describe: 'Firmware', requiresArg: true },
    persist: { type: 'boolean', default: false, describe: 'Write changes to the image (default: thrown away)' },
    ssh: { type: 'boolean', default: false, describe: 'Open a root shell by ssh instead of the serial console' },
    port: { type: 'number', array: true, default: [], describe: 'Forward this TCP port of the guest; may be repeated' },
    ...machineOptions,
  },
  examples: [
    ['qemu run image.qcow2', 'Boot with the serial console here; leave with Ctrl-A X'],
    ['qemu run image.qcow2 --firmware uefi --ssh', 'Boot under UEFI and log in'],
  ],
  async run({ image, firmware, persist, ssh, port, accel, memory, cpus }, { events, signal, json }) {
    if (json) {
      throw new UserError('interactive', 'qemu run is interactive and has no JSON result', { hint: 'use qemu test' });
    }
    const accelerator = chosenAccelerator(accel);
    const options = {
      image,
      firmware,
      persist,
      ssh,
      guestPorts: port as number[],
      memoryMiB: memory,
      cpus,
      accelerator,
    };
    await runImage(options, { input: process.stdin, output: process.stdout }, { events, signal });
    return undefined;
  },
});
