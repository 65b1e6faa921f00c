// Options of the machines that tests run in, shared by `slipway test run` and `watch`.

import { UserError } from '../../../lib/errors.ts';
import { chosenAccelerator } from '../../../qemu/accelerator.ts';
import { readBootPolicy } from '../../../qemu/boot-policy.ts';
import { firmwares } from '../../../qemu/machine.ts';
import { readDenylist } from '../../../qemu/suite/denylist.ts';
import { type SuiteOptions, suiteDefaults } from '../../../qemu/suite/suite-options.ts';
import type { OptionTable } from '../../command.ts';
import { checkMachineNumbers, machineFileOptions, machineOf } from '../qemu/options.ts';

export const suiteOptions = {
  output: { type: 'string', default: 'test-report', describe: 'Folder for the reports', requiresArg: true },
  firmware: {
    choices: firmwares,
    describe: 'Firmware (default: that of the machine file, else bios)',
    requiresArg: true,
  },
  parallel: { type: 'number', describe: 'Machines at once (default: as memory and cores allow)', requiresArg: true },
  denylist: { type: 'string', describe: 'File with tests and findings known to be bad', requiresArg: true },
  policy: { type: 'string', describe: 'File with what the base checks allow', requiresArg: true },
  timeout: {
    type: 'number',
    default: suiteDefaults.bootTimeoutMs / 1000,
    describe: 'Seconds that a boot may take',
    requiresArg: true,
  },
  ...machineFileOptions,
} as const satisfies OptionTable;

export interface SuiteArguments {
  readonly image: string;
  readonly tests: string;
  readonly output: string;
  readonly firmware?: (typeof firmwares)[number] | undefined;
  readonly parallel?: number | undefined;
  readonly denylist?: string | undefined;
  readonly policy?: string | undefined;
  readonly timeout: number;
  readonly accel?: string | undefined;
  readonly machine?: string | undefined;
  readonly memory?: number | undefined;
  readonly cpus?: number | undefined;
}

/** @throws UserError `parallel-malformed`, `port-fixed`, UsageError, DiagnosticsError for a machine file or a denylist with problems. */
export async function suiteOptionsOf(
  argv: SuiteArguments,
): Promise<Omit<SuiteOptions, 'failFast' | 'keep' | 'partial'>> {
  const { image, output, parallel, denylist, policy, timeout, accel } = argv;
  checkMachineNumbers(argv);
  if (parallel !== undefined && !(Number.isInteger(parallel) && parallel >= 1)) {
    throw new UserError('parallel-malformed', `--parallel ${parallel} is no number of machines`, {
      hint: 'give 1 or more',
    });
  }
  const {
    firmware,
    memoryMiB,
    cpus,
    fixedPorts = [],
    ...machine
  } = machineOf({
    machine: argv.machine,
    memory: argv.memory,
    cpus: argv.cpus,
  });
  const [fixed] = fixedPorts;
  if (fixed !== undefined) {
    const { hostPort, guestPort } = fixed;
    throw new UserError('port-fixed', `port ${hostPort} of this host cannot lead to all machines of the tests`, {
      hint: `write ${guestPort} instead of ${hostPort}:${guestPort} in ${argv.machine}; each machine then has a free port`,
    });
  }
  return {
    image,
    firmware: argv.firmware ?? firmware ?? 'bios',
    accelerator: chosenAccelerator(accel),
    memoryMiB,
    cpus,
    machine,
    parallel: parallel ?? null,
    denylist: denylist === undefined ? [] : await readDenylist(denylist, new Date().toISOString().slice(0, 10)),
    policy: policy === undefined ? suiteDefaults.policy : readBootPolicy(policy),
    bootTimeoutMs: timeout * 1000,
    outputDir: output,
    command: commandOf(argv),
  };
}

/** The command line of a run with the same machines and rules, without its choice of tests and what only shapes a whole run. */
export function commandOf(argv: SuiteArguments): string[] {
  const given = (['firmware', 'accel', 'machine', 'memory', 'cpus', 'denylist', 'policy'] as const).flatMap((name) =>
    argv[name] === undefined ? [] : [`--${name}`, String(argv[name])],
  );
  const timeout = argv.timeout === suiteOptions.timeout.default ? [] : ['--timeout', String(argv.timeout)];
  const output = argv.output === suiteOptions.output.default ? [] : ['--output', argv.output];
  return ['slipway', 'test', 'run', argv.image, '--tests', argv.tests, ...given, ...timeout, ...output];
}
