// Snapshots of a running machine, RAM and disks, inside its overlay (savevm and loadvm of QEMU's human monitor).

import { UserError } from '../lib/errors.ts';
import type { MachineSpec } from './machine.ts';
import type { Qmp } from './qmp.ts';

/** @throws UserError `snapshot-impossible`, `snapshot-name` */
export async function saveSnapshot(qmp: Qmp, spec: MachineSpec, name: string): Promise<void> {
  requireSnapshots(spec);
  requireName(name);
  await ask(qmp, `savevm ${name}`);
}

/** @throws UserError `snapshot-impossible`, `snapshot-name`, `snapshot-unknown` */
export async function loadSnapshot(qmp: Qmp, spec: MachineSpec, name: string): Promise<void> {
  requireSnapshots(spec);
  requireName(name);
  await ask(qmp, `loadvm ${name}`);
}

/** @throws UserError `snapshot-impossible` for what QEMU cannot store; its own words for it come late and name no remedy */
function requireSnapshots(spec: MachineSpec): void {
  const obstacles: [there: boolean, what: string, remedy: string][] = [
    [spec.disks.some((disk) => disk.writeLog !== null), 'a write log', 'leave out the hardware `writeLog`'],
    [spec.disks.some((disk) => disk.bus === 'nvme'), 'an NVMe disk', 'put the disk on virtio or scsi'],
    [spec.shares.length > 0, 'folders of the host by 9p', 'give the folder with `as: disk`'],
    [
      spec.disks.some((disk) => disk.format === 'raw' && !disk.readonly),
      'a raw image that is written to',
      'leave out `persist`',
    ],
  ];
  const found = obstacles.find(([there]) => there);
  if (found === undefined) return;
  throw new UserError('snapshot-impossible', `QEMU makes no snapshots of a machine with ${found[1]}`, {
    hint: found[2],
  });
}

function requireName(name: string): void {
  if (/^[\w.-]+$/.test(name)) return;
  throw new UserError('snapshot-name', `"${name}" is no name for a snapshot`, {
    hint: 'use letters, digits, "_", "." and "-"',
  });
}

// Both say nothing when they succeed.
async function ask(qmp: Qmp, command: string): Promise<void> {
  const answer = (await qmp.human(command)).trim();
  const unknown = /Snapshot '(.*)' does not exist/.exec(answer);
  if (unknown !== null) throw new UserError('snapshot-unknown', `the machine has no snapshot "${unknown[1]}"`);
  if (answer !== '') throw new Error(`QEMU: ${answer}`);
}
