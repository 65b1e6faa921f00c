// Reads and writes GRUB's environment block in place on its partition: 1 MiB FAT12 with one contiguous file of 1024 bytes, which is never mounted, so
// that nothing moves the file while GRUB relies on its place.
//
// Writing goes through the page cache with O_SYNC and returns when the device has the data. O_DIRECT would want memory aligned to a sector, which
// JavaScript cannot promise. The kernel then writes the whole 4 KiB page, but only the one sector with the variables differs from what is there, so a
// power cut leaves the old or the new variables and never a mixture.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../../lib/errors.ts';
import {
  type BootEnvironment,
  environmentBlockSize,
  findEnvironmentBlock,
  formatEnvironmentBlock,
  parseEnvironmentBlock,
} from './bootenv.ts';

/** The file lies behind the FATs and the root directory; more than this is never in front of it. */
const searchedBytes = 128 * 1024;

/** The variables, or undefined on a host without such a partition. */
export async function readBootEnvironment(device: string): Promise<BootEnvironment | undefined> {
  return await withDevice(device, constants.O_RDONLY, async (file) =>
    parseEnvironmentBlock((await readBlock(file)).block),
  );
}

/** Sets variables (null removes one) and returns when they are on the disk. False on a host without such a partition. */
export async function changeBootEnvironment(
  device: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<boolean> {
  const done = await withDevice(device, constants.O_RDWR | constants.O_SYNC, async (file) => {
    const { block, offset } = await readBlock(file);
    const variables = new Map(parseEnvironmentBlock(block));
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) variables.delete(name);
      else variables.set(name, value);
    }
    const wanted = formatEnvironmentBlock(variables);
    if (!wanted.equals(block)) await file.write(wanted, 0, wanted.length, offset);
    return true;
  });
  return done ?? false;
}

async function withDevice<T>(
  device: string,
  flags: number,
  work: (file: FileHandle) => Promise<T>,
): Promise<T | undefined> {
  let file: FileHandle;
  try {
    file = await open(device, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function readBlock(file: FileHandle): Promise<{ block: Buffer; offset: number }> {
  const start = Buffer.alloc(searchedBytes);
  const { bytesRead } = await file.read(start, 0, searchedBytes, 0);
  const offset = findEnvironmentBlock(start.subarray(0, bytesRead));
  if (offset === undefined) {
    throw new UserError('boot-environment-missing', 'the partition bootenv holds no GRUB environment block', {
      hint: 'put a file made by `grub-editenv FILE create` on it again',
    });
  }
  return { block: start.subarray(offset, offset + environmentBlockSize), offset };
}
