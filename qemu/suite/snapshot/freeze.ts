// Freezes a settled machine and restores others from it, each in about a second and with a disk of its own.

import { randomBytes } from 'node:crypto';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerTools } from '../../../lib/namespace.ts';
import { extraDiskFile } from '../../disk-files.ts';
import { forgetMachine } from '../../machine-record.ts';
import { type Machine, type MachineOptions, startMachine } from '../../machine-run.ts';
import type { Qmp } from '../../qmp.ts';
import { frozenArguments, loadAddress, restoredArguments, saveAddress, shareRam } from './arguments.ts';

export interface FrozenMachine {
  readonly machine: Machine;
  /** Of the devices, in the frozen machine's work folder. */
  readonly stateFile: string;
  /** RAM, as /proc/PID/fd/N of the frozen QEMU. */
  readonly ramFile: string;
}

export interface RestoredChanges extends Pick<MachineOptions, 'consoleFile'> {
  readonly isolated?: boolean;
}

const migrationLimitMs = 60_000;
const pollPauseMs = 10;
const warmUpLimitMs = 120_000;
const entropyBytes = 512;

/** Starts a machine that can be frozen when its boot is done. The caller stops it, after all that were restored from it. */
export function startFreezable(options: MachineOptions, tools: WorkerTools): Promise<Machine> {
  const extraArguments = [...(options.extraArguments ?? []), ...frozenArguments(options.memoryMiB)];
  return startMachine({ ...options, extraArguments }, tools);
}

/**
 * Logs in once, so that it need not be done in full in each restored machine: root's service manager runs then, and sshd is in memory.
 * Never logged out: the frozen guest keeps the session.
 */
export async function warmUp(machine: Machine): Promise<void> {
  await machine.run(['true'], { timeoutMs: warmUpLimitMs });
}

/** Stops the machine for good and keeps its state. Its QEMU holds the RAM, so it must outlive what is restored. */
export async function freezeMachine(machine: Machine): Promise<FrozenMachine> {
  const { qmp, pid } = machine.qemu;
  const stateFile = join(machine.folder, 'devices.state');
  await qmp.execute('stop');
  await forgetMachine(machine.folder);
  await qmp.execute('migrate-set-capabilities', shareRam);
  await qmp.execute('migrate', { uri: saveAddress(stateFile) });
  await migrationEnd(qmp);
  return { machine, stateFile, ramFile: await memoryFile(pid) };
}

/**
 * Starts a machine where the frozen one stood. Its guest knows nothing of it but the new vmgenid.
 * Its disks begin as those of the frozen one were left.
 * @param changes what may differ: where the console goes, and whether the network leads out
 */
export async function resumeMachine(
  frozen: FrozenMachine,
  changes: RestoredChanges,
  tools: WorkerTools,
): Promise<Machine> {
  const { folder, sshKey } = frozen.machine;
  const { consoleFile: _ownOfTheFrozen, ...options } = frozen.machine.options;
  const { isolated = false, ...ownConsole } = changes;
  const extraArguments = [
    ...(options.extraArguments ?? []).slice(0, -frozenArguments(options.memoryMiB).length),
    ...restoredArguments(options.memoryMiB, frozen.ramFile),
  ];
  const image = join(folder, 'overlay.qcow2');
  const extraDisks = (options.hardware?.extraDisks ?? []).map((disk, index) => ({
    ...disk,
    backing: extraDiskFile(folder, index),
  }));
  const hardware = { ...options.hardware, extraDisks, isolated };
  const machine = await startMachine({ ...options, ...ownConsole, image, hardware, sshKey, extraArguments }, tools);
  const { qmp } = machine.qemu;
  return await orStop(machine, async () => {
    await qmp.execute('migrate-set-capabilities', shareRam);
    await qmp.execute('migrate-incoming', { uri: loadAddress(frozen.stateFile) });
    await migrationEnd(qmp);
    await qmp.execute('cont');
  });
}

/** The same for a guest with ssh: its clock is set, its random numbers are its own, and ssh is connected. */
export async function restoreMachine(
  frozen: FrozenMachine,
  changes: RestoredChanges,
  tools: WorkerTools,
): Promise<Machine> {
  const machine = await resumeMachine(frozen, changes, tools);
  return await orStop(machine, () => wakeGuest(machine));
}

async function orStop(machine: Machine, work: () => Promise<void>): Promise<Machine> {
  try {
    await work();
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

/** The guest slept without knowing it: wall clock and random numbers are those of the frozen machine until told otherwise. */
async function wakeGuest(machine: Machine): Promise<void> {
  // Kernels with the vmgenid driver have reseeded already.
  await machine.run(['tee', '/dev/urandom'], { input: randomBytes(entropyBytes).toString('hex') });
  // Second, because the first command of a connection waits for sshd's session: seconds on a busy host, by which the clock would be late.
  await machine.run(['date', '--utc', `--set=@${(Date.now() / 1000).toFixed(3)}`]);
}

async function migrationEnd(qmp: Qmp): Promise<void> {
  for (const deadline = performance.now() + migrationLimitMs; performance.now() < deadline; await sleep(pollPauseMs)) {
    const { status, 'error-desc': reason } = (await qmp.execute('query-migrate')) as Record<string, string | undefined>;
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled')
      throw new Error(`QEMU's migration ${status}: ${reason ?? 'no reason given'}`);
  }
  throw new Error(`QEMU's migration did not end within ${migrationLimitMs / 1000} s`);
}

async function memoryFile(pid: number): Promise<string> {
  const folder = `/proc/${pid}/fd`;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if ((await readlink(file)).startsWith('/memfd:memory-backend-memfd')) return file;
  }
  throw new Error(`QEMU (pid ${pid}) holds no RAM file`);
}
