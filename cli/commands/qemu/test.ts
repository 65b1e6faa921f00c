// `slipway qemu test`: boot an image and judge it.

import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { formatBootReport } from '../../../qemu/boot-report.ts';
import type { Firmware } from '../../../qemu/machine.ts';
import { testImage, testImageDefaults } from '../../../qemu/test-image.ts';
import { defineCommand } from '../../command.ts';
import { machineOptions } from './options.ts';

export const command = defineCommand({
  positionals: { image: { type: 'string', describe: 'Raw or qcow2 image; it is not changed', demandOption: true } },
  options: {
    firmware: {
      type: 'string',
      default: testImageDefaults.firmwares.join(','),
      describe: 'Firmwares to boot under, with commas between',
      requiresArg: true,
    },
    output: {
      type: 'string',
      default: 'boot-report',
      describe: 'Folder for boot.json, junit.xml, boot.tap, console and journal',
      requiresArg: true,
    },
    timeout: {
      type: 'number',
      default: testImageDefaults.timeoutMs / 1000,
      describe: 'Seconds that a boot may take',
      requiresArg: true,
    },
    ...machineOptions,
  },
  examples: [
    ['qemu test image.qcow2', 'Boot under BIOS and UEFI; exit status 1 when a boot fails'],
    ['qemu test image.qcow2 --firmware uefi --json', 'The boot report for programs'],
  ],
  async run({ image, firmware, output, timeout, accel, memory, cpus }, { events, signal }) {
    const report = await testImage(
      {
        image,
        firmwares: parseFirmwares(firmware),
        outputDir: output,
        accelerator: chosenAccelerator(accel),
        timeoutMs: timeout * 1000,
        memoryMiB: memory,
        cpus,
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
    if (word === 'bios' || word === 'uefi') return word;
    throw new UserError('firmware-unknown', `there is no firmware "${word}"`, { hint: 'use bios, uefi or bios,uefi' });
  });
}
