// Boots the machine that a group of tests starts from, waits until it is settled, and freezes it.

import { join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import type { BootPolicy } from '../base-checks.ts';
import { loaderSpokeAtMs } from '../boot-phase.ts';
import { judgeBoot, type ObservedBoot } from '../boot-report.ts';
import type { Accelerator, Firmware } from '../machine.ts';
import { type Machine, machineDefaults } from '../machine-run.ts';
import { type BootTimes, bootTimes, type GuestVerdict } from '../verdict.ts';
import { type DenylistEntry, remainingFindings } from './denylist.ts';
import type { MachineGroup, MachineNeeds } from './machines.ts';
import { type FrozenMachine, freezeMachine, startFreezable, warmUp } from './snapshot/freeze.ts';

export interface MachineSettings {
  readonly image: string;
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly bootTimeoutMs: number;
  /** For the files of additional disks. */
  readonly workFolder: string;
  readonly denylist: readonly DenylistEntry[];
  /** Of the base checks. */
  readonly policy: BootPolicy;
  /** Receives the console of the boot. */
  readonly consoleFile: string;
}

export interface PreparedMachine {
  readonly frozen: FrozenMachine;
  readonly times: BootTimes;
  /** ID of the guest's os-release. */
  readonly distro: string;
}

/**
 * The caller stops `frozen.machine`, after all that were restored from it.
 * @throws UserError when the boot fails or the base checks find fault with it.
 */
export async function prepareMachine(
  { needs, tests }: MachineGroup,
  settings: MachineSettings,
  tools: WorkerTools,
): Promise<PreparedMachine> {
  const { image, firmware, accelerator, cpus, consoleFile, bootTimeoutMs } = settings;
  const diskFiles = await makeDisks(needs.additionalDisks, settings.workFolder, tools.signal);
  const extraArguments = extraArgumentsOf(needs, diskFiles);
  const options = { ...machineDefaults, image, firmware, accelerator, cpus, memoryMiB: needs.memoryMiB, consoleFile };
  const machine = await startFreezable({ ...options, extraArguments }, tools);
  try {
    let verdict = await machine.waitForBoot({ timeoutMs: bootTimeoutMs });
    if (needs.ignition !== null && !verdict.journal.some(({ identifier }) => identifier === 'ignition')) {
      throw new UserError('ignition-missing', `${needs.ignition} was not applied: the image has no Ignition`, {
        hint: `the test ${tests[0]!.name} needs an image with Ignition in its initramfs and ignition.firstboot on its first boot`,
      });
    }
    if (needs.kernelArguments !== '') {
      verdict = await bootWithArguments(machine, needs.kernelArguments, bootTimeoutMs);
    }
    const start = machine.currentBoot();
    const loaderAtMs = loaderSpokeAtMs(machine.console.lines().slice(start.consoleLine));
    const times = bootTimes(verdict, start.poweredOnAtMs, loaderAtMs);
    checkBase(machine, verdict, times, settings);
    const { stdout } = await machine.run(['cat', '/etc/os-release']);
    const distro = /^ID="?([^"\n]*)"?$/m.exec(stdout)?.[1] ?? 'linux';
    await warmUp(machine);
    return { frozen: await freezeMachine(machine), times, distro };
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

/**
 * For QEMU: the Ignition config where Ignition looks for it (its platform `qemu`), and empty disks whose writes go to files without a name
 * (`snapshot=on`), so that all machines start from the same empty ones. Serial numbers as kola gives them: disk1, disk2, …
 */
export function extraArgumentsOf({ ignition }: MachineNeeds, diskFiles: readonly string[]): string[] {
  return [
    ...(ignition === null ? [] : ['-fw_cfg', `name=opt/com.coreos/config,file=${ignition.replaceAll(',', ',,')}`]),
    ...diskFiles.flatMap((file, index) => [
      ...[
        '-drive',
        `if=none,id=extra${index},format=qcow2,cache=unsafe,snapshot=on,file=${file.replaceAll(',', ',,')}`,
      ],
      ...['-device', `virtio-blk-pci,drive=extra${index},serial=disk${index + 1}`],
    ]),
  ];
}

async function makeDisks(sizes: readonly string[], folder: string, signal: AbortSignal): Promise<string[]> {
  const files = sizes.map((size, index) => join(folder, `disk${index + 1}-${size}.qcow2`));
  for (const [index, file] of files.entries()) {
    await run(['qemu-img', 'create', '-q', '-f', 'qcow2', file, sizes[index]!], { signal });
  }
  return files;
}

/** Kernel arguments belong to a deployment: they are added to it, and the machine is booted again. */
async function bootWithArguments(machine: Machine, words: string, timeoutMs: number): Promise<GuestVerdict> {
  const appended = words.split(/\s+/).map((word) => `--append=${word}`);
  // Read-only on OSTree hosts; this command of ostree does not remount it as `ostree admin` commands for people do.
  await machine.run(['mount', '-o', 'remount,rw', '/sysroot']);
  await machine.run(['ostree', 'admin', 'instutil', 'set-kargs', '--merge', ...appended]);
  return await machine.reboot({ timeoutMs });
}

/** @throws UserError `base-check-failed` with everything that the checks of `slipway qemu test` find. */
function checkBase(
  machine: Machine,
  verdict: GuestVerdict,
  times: BootTimes,
  { firmware, policy, denylist }: MachineSettings,
): void {
  const observed: ObservedBoot = {
    firmware,
    phase: 'userspace',
    verdict,
    failure: '',
    consoleLines: machine.console.lines().map(({ text }) => text),
    times,
    durationMs: 0,
    console: '',
    journal: null,
  };
  const { checks } = judgeBoot(observed, policy, (findings) => remainingFindings(denylist, findings));
  const problems = checks.flatMap(({ name, failure }) =>
    failure === null ? [] : [`not true that ${name}: ${failure}`],
  );
  if (problems.length === 0) return;
  throw new UserError('base-check-failed', `the machine is no base for tests:\n${problems.join('\n')}`, {
    hint: 'mend the image, put a finding into the denylist with a reason and a day, or allow it with --policy',
  });
}
