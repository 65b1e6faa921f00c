// The disk files of one machine: an overlay over the image, so that the image is never changed unless asked, and UEFI variables.

import { access, copyFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ToolError, UserError } from '../lib/errors.ts';
import { run } from '../lib/run.ts';
import type { DiskBus, MachineDisk } from './argv/disks.ts';
import type { FirmwareFiles } from './argv/firmware.ts';
import { findUefiFirmware } from './firmware.ts';
import type { ExtraDisk } from './hardware.ts';
import type { Firmware } from './machine.ts';

/** Name of the file with a machine's UEFI variables in its work folder. */
export const variablesName = 'variables.qcow2';

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

const mebibyte = 1024 * 1024;

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

/**
 * Makes the extra disks of a machine; they take space only where the guest writes.
 * @param writeLog whether virtio disks log their writes; other disks keep what the guest flushed without one
 * @param left files of a machine whose power was cut, in the order of the disks; null makes new ones
 */
export function prepareExtraDisks(
  disks: readonly ExtraDisk[],
  folder: string,
  { writeLog, left }: { readonly writeLog: boolean; readonly left: readonly string[] | null },
  signal: AbortSignal,
): Promise<MachineDisk[]> {
  return Promise.all(
    disks.map(async ({ sizeMiB, bus, serial, backing }, index): Promise<MachineDisk> => {
      const file = left?.[index] ?? extraDiskFile(folder, index);
      const empty = ['qemu-img', 'create', '-q', '-f', 'qcow2', file, `${sizeMiB}M`];
      if (left === null) await run(backing === undefined ? empty : overlayArgv(backing, 'qcow2', file), { signal });
      const disk = { file, format: 'qcow2', cache: 'unsafe', readonly: false, bus, serial, writeLog: null } as const;
      if (!writeLog || bus !== 'virtio') return disk;
      const overlay = join(folder, `extra${index}-overlay.qcow2`);
      await run(overlayArgv(file, 'qcow2', overlay), { signal });
      return { ...disk, file: overlay, writeLog: await emptyFile(join(folder, `extra${index}.log`)) };
    }),
  );
}

/**
 * UEFI: this machine's own variables as an overlay (qcow2: raw ones would forbid snapshots). null for BIOS.
 * @param own variables (raw) to begin with; null for those of the firmware
 * @param left variables of a machine whose power was cut, which go before those to begin with
 * @throws UserError `ovmf-missing`, `file-missing`, `variables-bios`, `variables-size`
 */
export async function prepareFirmware(
  firmware: Firmware,
  folder: string,
  { own, left }: { readonly own: string | null; readonly left: string | null },
  signal: AbortSignal,
): Promise<FirmwareFiles | null> {
  if (firmware === 'bios') {
    if (own === null) return null;
    throw new UserError('variables-bios', `a machine with BIOS has no use for the UEFI variables ${own}`, {
      hint: 'boot it with uefi or uefi-secure',
    });
  }
  const { code, variables: template } = await findUefiFirmware(firmware);
  const variables = join(folder, variablesName);
  if (left !== null) await copyFile(left, variables);
  else if (own === null) await run(overlayArgv(template, 'raw', variables), { signal });
  else await run(overlayArgv(await ownVariables(own, template), 'raw', variables), { signal });
  return { code, variables };
}

// QEMU would end with words about the size of a block device.
async function ownVariables(own: string, template: string): Promise<string> {
  const file = await existingFile(own);
  const [found, wanted] = [(await stat(file)).size, (await stat(template)).size];
  if (found === wanted) return file;
  throw new UserError('variables-size', `${file} has ${found} bytes, and the UEFI firmware here wants ${wanted}`, {
    hint: `make the variables from a copy of ${template}`,
  });
}

/** The absolute path of a file or folder that the machine needs. @throws UserError `file-missing` */
export async function existingFile(path: string): Promise<string> {
  const file = resolve(path);
  try {
    await access(file);
    return file;
  } catch {
    throw new UserError('file-missing', `the machine needs ${file}, which cannot be read or does not exist`);
  }
}

/** A new overlay over the same file that another overlay lies over, and of its size. */
export async function siblingOverlay(overlay: string, sibling: string, signal: AbortSignal): Promise<void> {
  const info = await imageInfo(overlay, signal);
  const format = info['backing-filename-format'] === 'qcow2' ? 'qcow2' : 'raw';
  // Of a size of its own, which is whole, or of that of the file below.
  const sizeMiB = info['virtual-size'] / mebibyte;
  const ownSize = Number.isInteger(sizeMiB) ? sizeMiB : null;
  await run(overlayArgv(info['full-backing-filename']!, format, sibling, ownSize), { signal });
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

/** @throws UserError `image-missing` */
export async function assertImageThere(file: string): Promise<void> {
  try {
    await access(file);
  } catch {
    throw new UserError('image-missing', `there is no image ${file}`, {
      hint: 'make one with `slipway images build`',
    });
  }
}

async function imageFacts(file: string, signal: AbortSignal): Promise<ImageFacts> {
  await assertImageThere(file);
  const { format, sizeMiB } = await detectFormat(file, signal);
  if (format === 'raw' || format === 'qcow2') return { format, sizeMiB };
  throw new UserError('image-format', `${file} is a ${format} image; QEMU boots raw and qcow2 here`, {
    hint: 'build the image with --format qcow2',
  });
}

async function detectFormat(file: string, signal: AbortSignal): Promise<{ format: string; sizeMiB: number }> {
  try {
    const { format, 'virtual-size': size } = await imageInfo(file, signal);
    return { format, sizeMiB: Math.ceil(size / mebibyte) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('image-format', `${file} cannot be read as a disk image: ${error.output}`, { cause: error });
  }
}

/** Some members of what `qemu-img info` prints (ImageInfo in QEMU's qapi/block-core.json). */
interface ImageInfo {
  readonly format: string;
  /** In bytes. */
  readonly 'virtual-size': number;
  readonly 'full-backing-filename'?: string;
  readonly 'backing-filename-format'?: string;
}

async function imageInfo(file: string, signal: AbortSignal): Promise<ImageInfo> {
  const { stdout } = await run(['qemu-img', 'info', '--output=json', '--force-share', file], { signal });
  return JSON.parse(stdout) as ImageInfo;
}
