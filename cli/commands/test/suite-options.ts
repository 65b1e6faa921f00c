// Options of the machines that tests run in, shared by `slipway test run` and `watch`.

import { once } from 'node:events';
import { UserError } from '../../../lib/errors.ts';
import { quoteCommand } from '../../../lib/run.ts';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { readBootPolicy } from '../../../qemu/boot-policy.ts';
import { machineName } from '../../../qemu/machine-record.ts';
import { readDenylist } from '../../../qemu/suite/denylist.ts';
import type { KeepMachine } from '../../../qemu/suite/restore-and-run.ts';
import { type SuiteOptions, suiteDefaults } from '../../../qemu/suite/run-suite.ts';
import type { CommandTools, OptionTable } from '../../command.ts';
import { machineOptions } from '../qemu/options.ts';

export const suiteOptions = {
  output: { type: 'string', default: 'test-report', describe: 'Folder for the reports', requiresArg: true },
  firmware: { choices: ['bios', 'uefi'] as const, default: 'bios' as const, describe: 'Firmware', requiresArg: true },
  parallel: { type: 'number', describe: 'Machines at once (default: as memory and cores allow)', requiresArg: true },
  denylist: { type: 'string', describe: 'File with tests and findings known to be bad', requiresArg: true },
  policy: { type: 'string', describe: 'File with what the base checks allow', requiresArg: true },
  timeout: {
    type: 'number',
    default: suiteDefaults.bootTimeoutMs / 1000,
    describe: 'Seconds that a boot may take',
    requiresArg: true,
  },
  ...machineOptions,
} as const satisfies OptionTable;

export interface SuiteArguments {
  readonly image: string;
  readonly tests: string;
  readonly output: string;
  readonly firmware: 'bios' | 'uefi';
  readonly parallel?: number | undefined;
  readonly denylist?: string | undefined;
  readonly policy?: string | undefined;
  readonly timeout: number;
  readonly accel?: string | undefined;
  readonly memory: number;
  readonly cpus: number;
}

/** @throws UserError `parallel-malformed`, DiagnosticsError for a denylist with problems. */
export async function suiteOptionsOf(argv: SuiteArguments): Promise<Omit<SuiteOptions, 'failFast' | 'keep'>> {
  const { image, firmware, output, parallel, denylist, policy, timeout, accel, memory, cpus } = argv;
  if (parallel !== undefined && !(Number.isInteger(parallel) && parallel >= 1)) {
    throw new UserError('parallel-malformed', `--parallel ${parallel} is no number of machines`, {
      hint: 'give 1 or more',
    });
  }
  return {
    image,
    firmware,
    accelerator: chosenAccelerator(accel),
    memoryMiB: memory,
    cpus,
    parallel: parallel ?? null,
    denylist: denylist === undefined ? [] : await readDenylist(denylist, new Date().toISOString().slice(0, 10)),
    policy: policy === undefined ? suiteDefaults.policy : readBootPolicy(policy),
    bootTimeoutMs: timeout * 1000,
    outputDir: output,
  };
}

/** Tells how to enter the machine and how to run the test alone, then waits for Ctrl-C. */
export function keepForPeople(argv: SuiteArguments, { events, signal }: CommandTools): KeepMachine {
  return async (machine, { name, output }) => {
    const again = ['slipway', 'test', 'run', argv.image, '--tests', argv.tests, '--only', name];
    events.warning(`${name} failed; its machine stands until Ctrl-C`);
    if (output !== '') events.info(output.trimEnd());
    events.info(`enter it: ${quoteCommand(['slipway', 'qemu', 'ssh', machineName(machine.folder)])}`);
    events.info(`run this test alone: ${quoteCommand(again)}`);
    if (!signal.aborted) await once(signal, 'abort');
  };
}
