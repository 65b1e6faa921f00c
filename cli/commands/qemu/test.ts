// `slipway qemu test`: boot an image and judge it.

import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { strictPolicy } from '../../../qemu/base-checks.ts';
import { readBootPolicy } from '../../../qemu/boot-policy.ts';
import { formatBootReport } from '../../../qemu/boot-report.ts';
import { type Firmware, firmwares } from '../../../qemu/machine.ts';
import { readDenylist } from '../../../qemu/suite/denylist.ts';
import { testImage, testImageDefaults } from '../../../qemu/test-image.ts';
import { defineCommand } from '../../command.ts';
import { checkMachineNumbers, machineFileOptions, machineOf } from './options.ts';

export const command = defineCommand({
  positionals: { image: { type: 'string', describe: 'Raw or qcow2 image; it is not changed', demandOption: true } },
  options: {
    firmware: {
      type: 'string',
      describe: `Firmwares to boot under, with commas between (default: that of the machine file, else ${testImageDefaults.firmwares.join(',')})`,
      requiresArg: true,
    },
    output: {
      type: 'string',
      default: 'boot-report',
      describe: 'Folder for boot.json, junit.xml, boot.tap, console, journal and screenshot',
      requiresArg: true,
    },
    timeout: {
      type: 'number',
      default: testImageDefaults.timeoutMs / 1000,
      describe: 'Seconds that a boot may take',
      requiresArg: true,
    },
    policy: { type: 'string', describe: 'YAML file with allowed ports, taints and times', requiresArg: true },
    denylist: { type: 'string', describe: 'File with findings known to be bad', requiresArg: true },
    ...machineFileOptions,
  },
  examples: [
    ['qemu test image.qcow2', 'Boot under BIOS and UEFI; exit status 1 when a boot fails'],
    ['qemu test image.qcow2 --firmware uefi --json', 'The boot report for programs'],
  ],
  async run({ image, firmware, output, timeout, accel, policy, denylist, ...machineWords }, { events, signal }) {
    checkMachineNumbers({ ...machineWords, timeout });
    const { firmware: ownFirmware, memoryMiB, cpus, ...machine } = machineOf(machineWords);
    const ownFirmwares = ownFirmware === undefined ? testImageDefaults.firmwares : [ownFirmware];
    const report = await testImage(
      {
        image,
        firmwares: firmware === undefined ? ownFirmwares : parseFirmwares(firmware),
        outputDir: output,
        accelerator: chosenAccelerator(accel),
        timeoutMs: timeout * 1000,
        memoryMiB,
        cpus,
        machine,
        policy: policy === undefined ? strictPolicy : readBootPolicy(policy),
        denylist: denylist === undefined ? [] : await readDenylist(denylist, new Date().toISOString().slice(0, 10)),
      },
      { events, signal },
    );
    const text = `${formatBootReport(report)}\nreports: ${join(output, 'boot.json')}`;
    return { document: report, text, exitCode: report.passed ? 0 : 1 };
  },
});

/** `bios,uefi` -> the firmwares, each once. @throws UserError `firmware-unknown`. */
export function parseFirmwares(list: string): Firmware[] {
  const words = [...new Set(list.split(',').map((word) => word.trim()))];
  return words.map((word) => {
    const known = firmwares.find((firmware) => firmware === word);
    if (known !== undefined) return known;
    throw new UserError('firmware-unknown', `there is no firmware "${word}"`, {
      hint: 'use bios, uefi, uefi-secure or several with commas between',
    });
  });
}
