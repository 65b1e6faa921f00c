// The disk files of one machine: an overlay over the image, so that the image is never changed unless asked, and UEFI variables.

import { access, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ToolError, UserError } from '../lib/errors.ts';
import { run } from '../lib/run.ts';
import type { DiskBus, MachineDisk } from './argv/disks.ts';
import { findUefiFirmware } from './firmware.ts';
import type { ExtraDisk } from './hardware.ts';
import type { Firmware, MachineFiles } from './machine.ts';
import { pidFileName } from './work-folder.ts';

/** Arguments that make a copy-on-write overlay. @param sizeMiB null for that of the backing file */
export function overlayArgv(
  backing: string,
  backingFormat: 'raw' | 'qcow2',
  overlay: string,
  sizeMiB: number | null = null,
): string[] {
  const size = sizeMiB === null ? [] : [`${sizeMiB}M`];
  return ['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', backing, '-F', backingFormat, overlay, ...size];
}

export interface DiskUse {
  /** The image itself is written to, not an overlay. */
  readonly persist: boolean;
  readonly bus: DiskBus;
  readonly serial: string | null;
  /** The overlay is made so large; 0 leaves it the size of the image. Never smaller than the image. */
  readonly atLeastMiB: number;
  readonly writeLog: boolean;
}

/**
 * The disk that boots an image: an overlay in `folder`, or with `persist` the image itself, opened so that what the guest flushed is kept.
 * @throws UserError `image-missing`, `image-format`, `write-log-bus`.
 */
export async function prepareDisk(
  image: string,
  folder: string,
  { persist, bus, serial, atLeastMiB, writeLog }: DiskUse,
  signal: AbortSignal,
): Promise<MachineDisk> {
  if (writeLog && (persist || bus !== 'virtio')) {
    throw new UserError('write-log-bus', 'power cuts need a throw-away virtio disk', {
      hint: `leave out ${persist ? '`persist`' : `the bus ${bus}`}`,
    });
  }
  const file = resolve(image);
  const { format, sizeMiB } = await imageFacts(file, signal);
  const common = { readonly: false, bus, serial } as const;
  if (persist) return { ...common, file, format, cache: 'writeback', writeLog: null };
  const overlay = join(folder, 'overlay.qcow2');
  await run(overlayArgv(file, format, overlay, atLeastMiB > sizeMiB ? atLeastMiB : null), { signal });
  const log = writeLog ? await emptyFile(join(folder, 'write.log')) : null;
  return { ...common, file: overlay, format: 'qcow2', cache: 'unsafe', writeLog: log };
}

/** Path of an extra disk in the machine's work folder. */
export function extraDiskFile(folder: string, index: number): string {
  return join(folder, `extra${index}.qcow2`);
}

/** Makes the extra disks of a machine; they take space only where the guest writes. */
export function prepareExtraDisks(
  disks: readonly ExtraDisk[],
  folder: string,
  signal: AbortSignal,
): Promise<MachineDisk[]> {
  return Promise.all(
    disks.map(async ({ sizeMiB, bus, serial, backing }, index): Promise<MachineDisk> => {
      const file = extraDiskFile(folder, index);
      const empty = ['qemu-img', 'create', '-q', '-f', 'qcow2', file, `${sizeMiB}M`];
      await run(backing === undefined ? empty : overlayArgv(backing, 'qcow2', file), { signal });
      return { file, format: 'qcow2', cache: 'unsafe', readonly: false, bus, serial, writeLog: null };
    }),
  );
}

/** The pid file and, for UEFI, this machine's own variables as an overlay (qcow2: raw ones would forbid snapshots). */
export async function prepareFiles(
  firmware: Firmware,
  folder: string,
  signal: AbortSignal,
): Promise<Pick<MachineFiles, 'pidFile' | 'uefi'>> {
  const pidFile = join(folder, pidFileName);
  if (firmware === 'bios') return { pidFile, uefi: null };
  const { code, variables: template } = await findUefiFirmware(firmware);
  const variables = join(folder, 'variables.qcow2');
  await run(overlayArgv(template, 'raw', variables), { signal });
  return { pidFile, uefi: { code, variables } };
}

async function emptyFile(path: string): Promise<string> {
  await writeFile(path, '', { flag: 'wx' });
  return path;
}

interface ImageFacts {
  readonly format: 'raw' | 'qcow2';
  /** Of the disk as the guest sees it, rounded up. */
  readonly sizeMiB: number;
}

/** @throws UserError `image-missing`, `image-format` */
export async function imageFormat(file: string, signal: AbortSignal): Promise<'raw' | 'qcow2'> {
  return (await imageFacts(file, signal)).format;
}

async function imageFacts(file: string, signal: AbortSignal): Promise<ImageFacts> {
  try {
    await access(file);
  } catch {
    throw new UserError('image-missing', `there is no image ${file}`, {
      hint: 'make one with `slipway images build`',
    });
  }
  const { format, sizeMiB } = await detectFormat(file, signal);
  if (format === 'raw' || format === 'qcow2') return { format, sizeMiB };
  throw new UserError('image-format', `${file} is a ${format} image; QEMU boots raw and qcow2 here`, {
    hint: 'build the image with --format qcow2',
  });
}

async function detectFormat(file: string, signal: AbortSignal): Promise<{ format: string; sizeMiB: number }> {
  try {
    const { stdout } = await run(['qemu-img', 'info', '--output=json', '--force-share', file], { signal });
    const facts = JSON.parse(stdout) as { readonly format: string; readonly 'virtual-size': number };
    return { format: facts.format, sizeMiB: Math.ceil(facts['virtual-size'] / 1024 / 1024) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('image-format', `${file} cannot be read as a disk image: ${error.output}`, { cause: error });
  }
}
