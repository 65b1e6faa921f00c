// What a running machine leaves in its work folder so that other commands find it: `slipway qemu list`, `ssh`, `console`, `screenshot` and `kill`.

import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type DocumentHeader, readDocument, writeDocument } from '../lib/documents.ts';
import { UserError } from '../lib/errors.ts';
import { nearestNames } from '../lib/near-miss.ts';
import { processStartTime } from '../lib/process-start-time.ts';
import { machinesFolder } from './work-folder.ts';

export interface MachineRecord extends DocumentHeader {
  readonly kind: 'machine-record';
  readonly version: 2;
  /** Short and unique: the end of the work folder's name. */
  readonly name: string;
  /** Absolute path. */
  readonly image: string;
  readonly qemuPid: number;
  /** Tells QEMU from a later process with the same pid; see processStartTime(). */
  readonly qemuStartTime: string | null;
  /** Port on 127.0.0.1 that leads to the guest's sshd; null when the machine has none. */
  readonly sshPort: number | null;
  /** Absolute paths. */
  readonly sshKeyFile: string;
  readonly consoleFile: string;
  /** Of a monitor (QMP) for other commands than the one that started the machine. */
  readonly monitorSocket: string;
  readonly startedAt: string;
}

const recordName = 'machine.json';
/** Names of sockets in the work folder: of the monitor (QMP) for other commands, and of the screen (VNC). */
export const monitorSocketName = 'monitor.sock';
export const vncSocketName = 'vnc.sock';
/** Name of the private key in the work folder. */
export const sshKeyName = 'ssh-key';

/** Writes the record and the private key (mode 0600) that it names into the work folder. */
export async function recordMachine(
  folder: string,
  machine: Pick<MachineRecord, 'image' | 'qemuPid' | 'sshPort' | 'consoleFile'> & { readonly privateKey: string },
): Promise<MachineRecord> {
  const { image, qemuPid, sshPort, consoleFile, privateKey } = machine;
  const sshKeyFile = join(folder, sshKeyName);
  await writeFile(sshKeyFile, privateKey, { mode: 0o600 });
  const record: MachineRecord = {
    kind: 'machine-record',
    version: 2,
    name: machineName(folder),
    image,
    qemuPid,
    qemuStartTime: processStartTime(qemuPid),
    sshPort,
    sshKeyFile,
    consoleFile,
    monitorSocket: join(folder, monitorSocketName),
    startedAt: new Date().toISOString(),
  };
  await writeDocument(join(folder, recordName), record);
  return record;
}

/** Takes a machine off the list: one that is frozen can be entered no more. */
export async function forgetMachine(folder: string): Promise<void> {
  await rm(join(folder, recordName), { force: true });
}

/** The name by which people call the machine of a work folder. */
export function machineName(folder: string): string {
  return basename(folder).slice(-8);
}

/** The machines whose QEMU runs, in the order of their start. */
export async function listMachines(parent = machinesFolder()): Promise<MachineRecord[]> {
  const names = await readdir(parent).catch(() => []);
  const records = await Promise.all(
    // A folder without a record is just being made or removed.
    names.map((name) =>
      readDocument<MachineRecord>(join(parent, name, recordName), 'machine-record', 2).catch(() => undefined),
    ),
  );
  return records
    .filter((record) => record !== undefined)
    .filter(isRunning)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/**
 * Ends a machine as a power cut does. Only QEMU itself: the pid may belong to somebody else by now.
 * @throws UserError `machine-unknown` when it has ended already.
 */
export function killMachine(machine: MachineRecord): void {
  if (!isRunning(machine)) {
    throw new UserError('machine-unknown', `the machine ${machine.name} has ended already`);
  }
  process.kill(machine.qemuPid, 'SIGKILL');
}

function isRunning({ qemuPid, qemuStartTime }: MachineRecord): boolean {
  return qemuStartTime !== null && processStartTime(qemuPid) === qemuStartTime;
}

/**
 * The machine of that name; without a name, the only one that runs.
 * @throws UserError `machine-unknown`, `machine-ambiguous`.
 */
export function pickMachine(machines: readonly MachineRecord[], name: string | undefined): MachineRecord {
  const names = machines.map((machine) => machine.name);
  if (name === undefined) {
    if (machines.length === 1) return machines[0]!;
    const message = machines.length === 0 ? 'no machine runs' : `${machines.length} machines run: ${names.join(', ')}`;
    throw new UserError(machines.length === 0 ? 'machine-unknown' : 'machine-ambiguous', message, {
      hint: machines.length === 0 ? 'start one with `slipway qemu run IMAGE`' : 'name one of them',
    });
  }
  const found = machines.find((machine) => machine.name === name);
  if (found !== undefined) return found;
  const near = nearestNames(name, names);
  throw new UserError('machine-unknown', `no machine "${name}" runs`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`slipway qemu list` shows the machines that run',
  });
}
