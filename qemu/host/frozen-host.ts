// The frozen machine that the tests of a file start from: its own, or the one of `slipway test run`, which the environment names.

import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type DocumentHeader, readDocument, writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { chosenAccelerator, probeAccelerator } from '../accelerator.ts';
import { strictPolicy } from '../base-checks.ts';
import type { Hardware } from '../hardware.ts';
import type { Firmware } from '../machine.ts';
import { type Machine, machineDefaults } from '../machine-run.ts';
import { hostBudget, machineCostMiB } from '../suite/host-budget.ts';
import type { MachineNeeds } from '../suite/machines.ts';
import { type MachineSettings, prepareMachine } from '../suite/prepare-machine.ts';
import { type FrozenState, restoreMachine } from '../suite/snapshot/freeze.ts';
import { makeWorkFolder } from '../work-folder.ts';

/** What the tests of a file need; nothing: the frozen machine of the run. */
export interface HostNeeds {
  /** Raw or qcow2 image, or what makes it. Default: the one of the run, by `$SLIPWAY_TEST_IMAGE`. */
  readonly image?: string | (() => Promise<string>);
  readonly firmware?: Firmware;
  readonly memoryMiB?: number;
  readonly cpus?: number;
  readonly hardware?: Partial<Hardware>;
  readonly bootTimeoutMs?: number;
}

export interface FrozenHost {
  /** Starts a machine for one test. The caller stops it, before close(). */
  start(): Promise<Machine>;
  /** How many may run at once. */
  readonly places: number;
  /** Ends what this process started for it. */
  close(): Promise<void>;
}

/** Handed from `slipway test run` to the processes of the tests. */
interface FrozenDocument extends DocumentHeader {
  readonly kind: 'frozen-machine';
  readonly version: 1;
  readonly state: FrozenState;
}

/** Environment variable with the path of the frozen machine's document. */
export const frozenVariable = 'SLIPWAY_FROZEN_MACHINE';
export const imageVariable = 'SLIPWAY_TEST_IMAGE';

/** Generous: a busy machine without KVM needs minutes. */
export const defaultBootTimeoutMs = 900_000;

export async function writeFrozen(file: string, frozen: FrozenState): Promise<void> {
  const { options, sshKey, folder, stateFile, ramFile } = frozen;
  const state = { options, sshKey, folder, stateFile, ramFile };
  const document: FrozenDocument = { kind: 'frozen-machine', version: 1, state };
  await writeDocument(file, document);
}

/** @throws UserError `image-unnamed`, and what `prepareMachine()` throws when the boot fails the base checks */
export async function frozenHost(needs: HostNeeds, tools: WorkerTools): Promise<FrozenHost> {
  const shared = process.env[frozenVariable];
  if (shared !== undefined && Object.keys(needs).every((need) => need === 'bootTimeoutMs')) {
    const { state } = await readDocument<FrozenDocument>(shared, 'frozen-machine', 1);
    // The run itself decides how many files are tested at once.
    return { start: () => restoreMachine(state, {}, tools), places: 1, close: async () => {} };
  }
  return await ownFrozenHost(needs, tools);
}

async function ownFrozenHost(needs: HostNeeds, tools: WorkerTools): Promise<FrozenHost> {
  const {
    firmware = 'bios',
    memoryMiB = machineDefaults.memoryMiB,
    cpus = machineDefaults.cpus,
    hardware = {},
  } = needs;
  const image = await imageOf(needs);
  const { accelerator } = await probeAccelerator(chosenAccelerator(undefined), tools);
  const folder = await makeWorkFolder();
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const settings: MachineSettings = {
    ...{ image, accelerator, cpus, machine: { hardware }, imageIdentity: image },
    bootTimeoutMs: needs.bootTimeoutMs ?? defaultBootTimeoutMs,
    rules: { firmware, policy: strictPolicy, denylist: [] },
    consoleFile: join(folder, 'console.log'),
    journalFile: join(folder, 'journal.txt'),
    screenshotFile: join(folder, 'screen.png'),
  };
  try {
    const free = { cores: availableParallelism(), freeMiB: Math.floor(process.availableMemory() / 1024 / 1024) };
    const { slots, memoryMiB: budget } = hostBudget(free, null);
    const prepared = await prepareMachine({ needs: plainNeeds(memoryMiB), tests: [] }, settings, tools);
    let started = 0;
    return {
      start: async () => {
        const consoleFile = join(folder, `console-${++started}.log`);
        return (await prepared.start({ consoleFile, isolated: false })).machine;
      },
      places: Math.max(1, Math.min(slots, Math.floor(budget / machineCostMiB(memoryMiB, accelerator)) - 1)),
      close: async () => {
        await prepared.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

function plainNeeds(memoryMiB: number): MachineNeeds {
  const nothing = { ignition: null, diskMiB: 0, additionalDisks: [], additionalNics: 0, kernelArguments: '' };
  return { memoryMiB, ...nothing, judged: true };
}

async function imageOf({ image }: HostNeeds): Promise<string> {
  const named = (typeof image === 'function' ? await image() : image) ?? process.env[imageVariable];
  if (named !== undefined) return resolve(named);
  throw new UserError('image-unnamed', 'no image is named for the tests', {
    hint: `run them by \`slipway test run IMAGE\`, or set ${imageVariable}`,
  });
}
