// `slipway qemu run`: an image in a machine, for people.

import { UserError } from '../../../lib/errors.ts';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { firmwares } from '../../../qemu/machine.ts';
import { runImage } from '../../../qemu/run-image.ts';
import { defineCommand } from '../../command.ts';
import { machineFileOptions, machineOf, parsePorts } from './options.ts';

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
    vnc: { type: 'boolean', default: false, describe: 'Show the screen by VNC too, on a socket for this user' },
    port: {
      type: 'string',
      array: true,
      default: [],
      describe:
        'Forward this TCP port of the guest, from a free port here or, as HOST:GUEST, from that one; may be repeated',
      requiresArg: true,
    },
    ...machineFileOptions,
  },
  examples: [
    ['qemu run image.qcow2', 'Boot with the serial console here; leave with Ctrl-A X'],
    ['qemu run image.qcow2 --firmware uefi --ssh', 'Boot under UEFI and log in'],
    ['qemu run image.qcow2 --vnc --port 8080:80', 'With its screen, and port 80 of the guest at 127.0.0.1:8080'],
    ['qemu run image.qcow2 --machine lab.yaml', 'Boot in the machine that the file describes'],
  ],
  async run({ image, firmware, persist, ssh, vnc, port, accel, ...machineWords }, { events, signal, json }) {
    if (json) {
      throw new UserError('interactive', 'qemu run is interactive and has no JSON result', { hint: 'use qemu test' });
    }
    const accelerator = chosenAccelerator(accel);
    const machine = machineOf(machineWords);
    const { guestPorts, fixedPorts } = parsePorts(port as string[]);
    const options = {
      ...machine,
      image,
      firmware: firmware ?? machine.firmware ?? 'bios',
      persist,
      ssh,
      vnc,
      guestPorts: [...(machine.guestPorts ?? []), ...guestPorts],
      fixedPorts: [...(machine.fixedPorts ?? []), ...fixedPorts],
      accelerator,
    };
    await runImage(options, { input: process.stdin, output: process.stdout }, { events, signal });
    return undefined;
  },
});
