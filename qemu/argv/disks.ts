// The arguments for disks. Pure.

import { firstDiskBootIndex } from './boot-order.ts';
import { escapeOption } from './option.ts';

export type DiskBus = 'virtio' | 'nvme' | 'scsi';

export interface MachineDisk {
  /** Absolute path of the file that QEMU opens. */
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
  /** `unsafe` ignores flushes (fast, for throw-away overlays); `writeback` and `none` pass them on, so that the image survives the host. */
  readonly cache: 'unsafe' | 'writeback' | 'none';
  readonly readonly: boolean;
  readonly bus: DiskBus;
  /** What the guest sees as the disk's serial number; null leaves it to QEMU. */
  readonly serial: string | null;
  /** Absolute path of an existing empty file that receives every write and flush (qemu/faults/write-log.ts); null for none. Needs `virtio`. */
  readonly writeLog: string | null;
}

/** QOM path of what has the block node of a disk, for QMP: a virtio disk has it behind its PCI device. */
export function diskPath(index: number, bus: DiskBus): string {
  const device = `/machine/peripheral/${deviceId(index)}`;
  return bus === 'virtio' ? `${device}/virtio-backend` : device;
}

/** Name of the block node that the device of a disk uses, for QMP. */
export function diskNodeName(index: number): string {
  return `disk-node${index}`;
}

export function diskArguments(disks: readonly MachineDisk[]): string[] {
  const scsi = disks.some((disk) => disk.bus === 'scsi') ? ['-device', 'virtio-scsi-pci,id=scsi'] : [];
  return [
    ...scsi,
    ...disks.flatMap((disk, index) => [...driveArguments(disk, index), ...deviceArguments(disk, index)]),
  ];
}

function driveArguments(disk: MachineDisk, index: number): string[] {
  if (disk.writeLog !== null) return ['-blockdev', JSON.stringify(loggedNode(disk, disk.writeLog, index))];
  const readonly = disk.readonly ? ',readonly=on' : '';
  const file = escapeOption(disk.file);
  const names = `id=disk${index},node-name=${diskNodeName(index)}`;
  return ['-drive', `if=none,${names},format=${disk.format},cache=${disk.cache}${readonly},file=${file}`];
}

// The log says what survives a power cut, so the disk itself need not be flushed.
function loggedNode(disk: MachineDisk, writeLog: string, index: number): unknown {
  const cache = { direct: false, 'no-flush': true };
  return {
    driver: 'blklogwrites',
    'node-name': diskNodeName(index),
    file: { driver: disk.format, cache, file: { driver: 'file', filename: disk.file, cache } },
    log: { driver: 'file', filename: writeLog, cache },
  };
}

function deviceArguments(disk: MachineDisk, index: number): string[] {
  const drive = disk.writeLog === null ? `disk${index}` : diskNodeName(index);
  const options = [
    ...[`drive=${drive}`, `id=${deviceId(index)}`, `bootindex=${firstDiskBootIndex + index}`],
    ...serialOption(disk, index),
    // QEMU 7.2 mixes up its log when zeroes are written without data beside other writes.
    ...(disk.writeLog === null ? [] : ['discard=off', 'write-zeroes=off']),
  ];
  return ['-device', [deviceNames[disk.bus], ...options].join(',')];
}

function deviceId(index: number): string {
  return `disk-device${index}`;
}

const deviceNames: Readonly<Record<DiskBus, string>> = {
  virtio: 'virtio-blk-pci',
  nvme: 'nvme',
  scsi: 'scsi-hd,bus=scsi.0',
};

// An NVMe disk must have one.
function serialOption({ bus, serial }: MachineDisk, index: number): string[] {
  const value = serial ?? (bus === 'nvme' ? `slipway${index}` : null);
  return value === null ? [] : [`serial=${escapeOption(value)}`];
}
