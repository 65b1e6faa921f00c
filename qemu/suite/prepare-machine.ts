// Makes the machine that a group of tests starts from: booted, judged, settled and frozen. What no snapshot can hold is booted anew for each test.

import { writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { WorkerTools } from '../../lib/namespace.ts';
import { bootJournal } from '../boot-journal.ts';
import type { Accelerator } from '../machine.ts';
import type { MachineFile } from '../machine-file.ts';
import { type Machine, type MachineOptions, machineDefaults, startMachine } from '../machine-run.ts';
import { failedScreen } from '../screen.ts';
import type { BootTimes, UnitTime } from '../verdict.ts';
import { waitForBase } from './boot-base.ts';
import type { BootRules } from './judgement.ts';
import { hardwareOf, type MachineGroup, whyNotFrozen } from './machines.ts';
import { type FrozenState, freezeMachine, restoreMachine, startFreezable, warmUp } from './snapshot/freeze.ts';

/** What all machines of a run have besides processor and memory. */
export type SuiteMachine = Omit<MachineFile, 'firmware' | 'memoryMiB' | 'cpus' | 'fixedPorts'>;

export interface MachineSettings {
  readonly image: string;
  /** Equal for equal content. */
  readonly imageIdentity: string;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly machine: SuiteMachine;
  readonly bootTimeoutMs: number;
  readonly rules: BootRules;
  /** Receives the console of the boot. */
  readonly consoleFile: string;
  /** Receives the journal of the last boot, also of one that failed in userspace. */
  readonly journalFile: string;
  /** Receives the screen of a boot that failed. */
  readonly screenshotFile: string;
}

export interface StartedMachine {
  readonly machine: Machine;
  /** Of the boot that the machine is in. */
  readonly bootId: string;
}

export interface PreparedMachine {
  readonly times: BootTimes;
  readonly units: readonly UnitTime[];
  /** ID of the guest's os-release. */
  readonly distro: string;
  /** Whether a machine stays until stop(), with its memory. */
  readonly frozen: boolean;
  /** For other processes to restore from, until stop(); null when it is not frozen. */
  readonly snapshot: FrozenState | null;
  /** Starts a machine for one test. The caller stops it, before stop() is called here. */
  start(changes: TestMachine): Promise<StartedMachine>;
  stop(): Promise<void>;
}

/** What the machine of one test has of its own. */
export interface TestMachine {
  readonly consoleFile: string;
  /** The guest's network leads nowhere. */
  readonly isolated: boolean;
}

/** @throws UserError when the boot fails or the base checks find fault with it. */
export async function prepareMachine(
  { needs }: MachineGroup,
  settings: MachineSettings,
  tools: WorkerTools,
): Promise<PreparedMachine> {
  const { image, accelerator, cpus, consoleFile, rules } = settings;
  const hardware = hardwareOf(needs, settings.machine.hardware ?? {});
  const options: MachineOptions = {
    ...machineDefaults,
    ...settings.machine,
    ...{ image, firmware: rules.firmware, accelerator, cpus, memoryMiB: needs.memoryMiB, hardware },
    stuckAfterSeconds: rules.policy.stuckAfterSeconds,
  };
  const frozen = whyNotFrozen(hardware) === null;
  const machine = await (frozen ? startFreezable : startMachine)({ ...options, consoleFile }, tools);
  try {
    const { verdict, times } = await waitForBase(machine, needs, settings);
    await keepJournal();
    const facts = { times, units: verdict.units, distro: await readDistro(machine), frozen };
    if (!frozen) {
      await machine.stop();
      return { ...facts, snapshot: null, start: bootAnew, stop: async () => {} };
    }
    await warmUp(machine);
    const source = await freezeMachine(machine);
    return {
      ...facts,
      snapshot: source,
      start: async (changes) => ({
        machine: await restoreMachine(source, changes, tools),
        bootId: verdict.bootId,
      }),
      stop: () => machine.stop(),
    };
  } catch (error) {
    try {
      await keepJournal();
      await failedScreen(machine, dirname(settings.screenshotFile), basename(settings.screenshotFile));
    } finally {
      await machine.stop();
    }
    throw error;
  }

  async function keepJournal(): Promise<void> {
    const journal = await bootJournal(machine);
    if (journal !== null) await writeFile(settings.journalFile, journal);
  }

  async function bootAnew(changes: TestMachine): Promise<StartedMachine> {
    const own = { ...hardware, isolated: changes.isolated };
    const started = await startMachine({ ...options, consoleFile: changes.consoleFile, hardware: own }, tools);
    try {
      const { verdict } = await waitForBase(started, needs, settings);
      return { machine: started, bootId: verdict.bootId };
    } catch (error) {
      await started.stop();
      throw error;
    }
  }
}

async function readDistro(machine: Machine): Promise<string> {
  const { stdout } = await machine.run(['cat', '/etc/os-release']);
  return /^ID="?([^"\n]*)"?$/m.exec(stdout)?.[1] ?? 'linux';
}
