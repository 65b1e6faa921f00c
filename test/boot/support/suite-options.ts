// How the boot tests run external tests, as `slipway test run` would without options.

import { suiteDefaults } from '../../../qemu/suite/suite-options.ts';
import { bootTimeoutMs } from './machine.ts';

export const suiteOptions = {
  ...suiteDefaults,
  firmware: 'bios',
  accelerator: 'auto',
  parallel: 2,
  failFast: false,
  denylist: [],
  bootTimeoutMs,
  command: ['slipway', 'test', 'run', 'image.qcow2'],
  partial: false,
  keep: null,
} as const;
