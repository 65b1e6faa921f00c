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
import type { SshKey } from '../../ssh.ts';
import { frozenArguments, loadAddress, restoredArguments, saveAddress, shareRam } from './arguments.ts';

/** All that machines are restored from. Plain data: another process of this user can restore as well, while the frozen QEMU lives. */
export interface FrozenState {
  readonly options: MachineOptions;
  readonly sshKey: SshKey;
  /** Work folder of the frozen machine, with the overlays that the disks of the restored ones begin from. */
  readonly folder: string;
  /** Of the devices, in the work folder. */
  readonly stateFile: string;
  /** RAM, as /proc/PID/fd/N of the frozen QEMU. */
  readonly ramFile: string;
}

export interface FrozenMachine extends FrozenState {
  /** Stopped for good. Whoever froze it ends it, after all that were restored from it. */
  readonly machine: Machine;
}

export interface RestoredChanges extends Pick<MachineOptions, 'consoleFile'> {
  readonly isolated?: boolean;
}

const migrationLimitMs = 60_000;
const pollPauseMs = 10;
const warmUpLimitMs = 120_000;
const entropyBytes = 512;
const wakeScript = 'date --utc --set="@$1" >/dev/null && cat >/dev/urandom';
const warmUpScript = [
  'cat >/dev/urandom',
  'date',
  'tar --create /etc/hostname | tar --list',
  'systemd-run --quiet --wait --pipe --collect true',
  'systemctl list-units --failed',
  'journalctl --lines=1',
].join(' && ');

/** Starts a machine that can be frozen when its boot is done. The caller stops it, after all that were restored from it. */
export function startFreezable(options: MachineOptions, tools: WorkerTools): Promise<Machine> {
  return startMachine({ ...options, startArguments: frozenArguments(options.memoryMiB) }, tools);
}

/** Runs once what each test does, so that its programs are in the guest's memory when it is frozen. */
export async function warmUp(machine: Machine): Promise<void> {
  await machine.run(['sh', '-c', warmUpScript], { timeoutMs: warmUpLimitMs, input: 'warm' });
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
  const { folder, options, sshKey } = machine;
  return { machine, folder, options, sshKey, stateFile, ramFile: await memoryFile(pid) };
}

/**
 * Starts a machine where the frozen one stood. Its guest knows nothing of it but the new vmgenid.
 * Its disks begin as those of the frozen one were left.
 * @param changes what may differ: where the console goes, and whether the network leads out
 */
export async function resumeMachine(
  frozen: FrozenState,
  changes: RestoredChanges,
  tools: WorkerTools,
): Promise<Machine> {
  const { folder, sshKey } = frozen;
  const { consoleFile: _ownOfTheFrozen, ...options } = frozen.options;
  const { isolated = false, ...ownConsole } = changes;
  const startArguments = restoredArguments(options.memoryMiB, frozen.ramFile);
  const image = join(folder, 'overlay.qcow2');
  const extraDisks = (options.hardware?.extraDisks ?? []).map((disk, index) => ({
    ...disk,
    backing: extraDiskFile(folder, index),
  }));
  const hardware = { ...options.hardware, extraDisks, isolated };
  const own = { ...ownConsole, image, hardware, sshKey, startArguments, ramOfAnother: true };
  const machine = await startMachine({ ...options, ...own }, tools);
  const { qmp } = machine.qemu;
  return await orStop(machine, async () => {
    await qmp.execute('migrate-set-capabilities', shareRam);
    await qmp.execute('migrate-incoming', { uri: loadAddress(frozen.stateFile) });
    await migrationEnd(qmp);
    await qmp.execute('cont');
  });
}

/** The same for a guest with an agent (qemu/agent.ts): its clock is set and its random numbers are its own. */
export async function restoreMachine(
  frozen: FrozenState,
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

/**
 * The guest slept without knowing it: wall clock and random numbers are those of the frozen machine until told otherwise.
 * Kernels with the vmgenid driver have reseeded already.
 */
async function wakeGuest(machine: Machine): Promise<void> {
  const seconds = (Date.now() / 1000).toFixed(3);
  await machine.run(['sh', '-c', wakeScript, 'sh', seconds], { input: randomBytes(entropyBytes).toString('hex') });
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
