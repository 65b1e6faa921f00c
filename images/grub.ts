// GRUB for BIOS and UEFI from one configuration, without grub-install: made by grub-mkimage, put in place by us.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Handlebars from 'handlebars'; // MIT: templates that stay readable as the file they make
import { UserError } from '../lib/errors.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import { tarEnd, tarHeader, tarPadding } from '../lib/tar.ts';
import { bootAttempts, grubenvFile } from './boot-counter.ts';
import { sectorSize } from './layout.ts';
import { rootLabel } from './root-filesystem.ts';

export interface BootLoaders {
  /** The first sector's code, to be patched by `bootSector`. */
  readonly bootImage: Buffer;
  /** The rest of GRUB for BIOS, to be patched by `coreImage`. */
  readonly core: Buffer;
  /** Path of the EFI program. */
  readonly efiFile: string;
}

export type GrubPlatform = 'i386-pc' | 'x86_64-efi';

const commonModules = [
  ...['normal', 'linux', 'syslinuxcfg', 'configfile', 'boot', 'gzio'],
  ...['part_gpt', 'ext2', 'fat', 'search', 'search_label', 'memdisk', 'tar'],
  ...['regexp', 'loadenv', 'test', 'echo', 'ls', 'cat', 'sleep', 'minicmd', 'reboot', 'halt'],
  ...['serial', 'terminal', 'all_video', 'setpci', 'memrw'],
];

// OSTree's syslinux.cfg makes GRUB on BIOS use `linux16`; without that module the menu loops.
const platformModules: Readonly<Record<GrubPlatform, readonly string[]>> = {
  'i386-pc': ['biosdisk', 'linux16'],
  'x86_64-efi': ['efi_gop', 'efi_uga'],
};

const grubFolder = '/usr/lib/grub';
const memdiskFolder = 'g';

/** Makes GRUB for both firmwares in `folder`. */
export async function makeBootLoaders(folder: string, { events, signal }: WorkerTools): Promise<BootLoaders> {
  const memdisk = join(folder, 'memdisk.tar');
  await writeFile(memdisk, memdiskWith(await grubConfiguration()));
  const output = (platform: GrubPlatform): string => join(folder, `grub-${platform}.img`);
  await assertGrubInstalled();
  const make = async (platform: GrubPlatform): Promise<void> => {
    await run(mkimageArgv(platform, memdisk, output(platform)), { events, signal });
  };
  await Promise.all([make('i386-pc'), make('x86_64-efi')]);
  return {
    bootImage: await readGrubFile('i386-pc', 'boot.img'),
    core: await readFile(output('i386-pc')),
    efiFile: output('x86_64-efi'),
  };
}

/** `-m` must stand before `-p`: it resets the prefix. */
export function mkimageArgv(platform: GrubPlatform, memdisk: string, output: string): string[] {
  return [
    'grub-mkimage',
    ...['--format', platform],
    ...['--memdisk', memdisk],
    ...['--prefix', `(memdisk)/${memdiskFolder}`],
    ...['--output', output],
    ...commonModules,
    ...platformModules[platform],
  ];
}

/** The rendered configuration. An embedded `--config` could not hold `if`, hence the file in a memory disk. */
export async function grubConfiguration(): Promise<string> {
  const source = await readFile(new URL('./templates/grub.cfg.hbs', import.meta.url), 'utf8');
  const watchdogStageSeconds = 40;
  return Handlebars.compile(source, { noEscape: true, strict: true })({
    rootLabel,
    grubenvFile,
    bootenvPartition: 4,
    attempts: bootAttempts,
    countdown: Array.from({ length: bootAttempts }, (_, index) => ({
      from: bootAttempts - index,
      to: bootAttempts - index - 1,
    })),
    timeoutSeconds: 1,
    watchdogStageSeconds,
    // The timer counts in steps of about 1 ms.
    watchdogPreload: `0x${(watchdogStageSeconds * 1024).toString(16)}`,
  });
}

/**
 * The code of the master boot record: GRUB's boot.img told where its second stage starts. Fits before the partition table.
 * Offsets as in GRUB's include/grub/i386/pc/boot.h.
 */
export function bootSector(bootImage: Buffer, coreOffset: number): Buffer {
  const code = Buffer.from(bootImage.subarray(0, 440));
  code.writeBigUInt64LE(BigInt(coreOffset / sectorSize), 0x5c);
  code.fill(0x90, 0x66, 0x68); // two NOPs: do not trust the drive number, some BIOSes give a wrong one
  return code;
}

/**
 * GRUB's core image told where the rest of itself lies: the last 12 bytes of its first sector are start, length and segment.
 * @throws UserError `grub-too-large` when it does not fit into the BIOS boot partition
 */
export function coreImage(core: Buffer, coreOffset: number, room: number): Buffer {
  if (core.length > room) {
    throw new UserError(
      'grub-too-large',
      `GRUB takes ${core.length} bytes, the BIOS boot partition has room for ${room}`,
    );
  }
  const sectors = Math.ceil(core.length / sectorSize);
  const patched = Buffer.alloc(sectors * sectorSize);
  core.copy(patched);
  patched.writeBigUInt64LE(BigInt(coreOffset / sectorSize + 1), 0x1f4);
  patched.writeUInt16LE(sectors - 1, 0x1fc);
  patched.writeUInt16LE(0x820, 0x1fe);
  return patched;
}

function memdiskWith(configuration: string): Buffer {
  const data = Buffer.from(configuration);
  const header = tarHeader({ type: 'file', path: `./${memdiskFolder}/grub.cfg`, mode: 0o644, size: data.length });
  return Buffer.concat([header, data, tarPadding(data.length), tarEnd()]);
}

/** @throws UserError `tool-missing` naming the package of a platform that is not installed */
export async function assertGrubInstalled(): Promise<void> {
  await Promise.all((['i386-pc', 'x86_64-efi'] as const).map((platform) => readGrubFile(platform, 'moddep.lst')));
}

async function readGrubFile(platform: GrubPlatform, name: string): Promise<Buffer> {
  const path = join(grubFolder, platform, name);
  try {
    return await readFile(path);
  } catch (cause) {
    const packages = { 'i386-pc': 'grub-pc-bin', 'x86_64-efi': 'grub-efi-amd64-bin' };
    throw new UserError('tool-missing', `${path} is not there; it is needed to make boot loader images`, {
      hint: `install the package ${packages[platform]} (Debian)`,
      cause,
    });
  }
}
