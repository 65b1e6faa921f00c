// The arguments for the firmware. Pure.

import type { Firmware } from '../machine.ts';
import { escapeOption } from './option.ts';

/** OVMF code and the machine's own copy of the variables (qcow2, so that snapshots work). */
export interface FirmwareFiles {
  readonly code: string;
  readonly variables: string;
}

/** Id of the drive with the UEFI variables, for the monitor. */
export const variablesDriveId = 'variables';

/** The value of `-machine`. Secure Boot keeps its variables from the guest by system management mode (OVMF's README). */
export function platform(firmware: Firmware): string {
  return firmware === 'uefi-secure' ? 'q35,smm=on' : 'q35';
}

export function firmwareArguments(firmware: Firmware, files: FirmwareFiles | null): string[] {
  if (files === null) return []; // SeaBIOS is QEMU's own default
  return [
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${escapeOption(files.code)}`],
    ...[
      '-drive',
      `if=pflash,id=${variablesDriveId},unit=1,format=qcow2,cache=unsafe,file=${escapeOption(files.variables)}`,
    ],
    ...(firmware === 'uefi-secure' ? secureArguments : []),
  ];
}

const secureArguments = [
  ...['-global', 'driver=cfi.pflash01,property=secure,value=on'],
  ...['-global', 'ICH9-LPC.disable_s3=1'],
];
