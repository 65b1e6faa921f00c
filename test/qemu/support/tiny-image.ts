// An image whose boot sector only halts: enough of a guest for tests of the machine around it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { bootSectorDisk } from '../../../qemu/boot-sector.ts';
import { type MachineOptions, machineDefaults } from '../../../qemu/machine-run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const haltingSector = [0xfa, 0xf4, 0xeb, 0xfd]; // cli; hlt; jmp $-1

/** Options of a small machine that boots it; the cache folder is a temporary one until the test ends. */
export async function haltingMachine(t: ExecutionContext): Promise<MachineOptions> {
  const folder = await temporaryFolder(t);
  const disk = bootSectorDisk();
  disk.set(haltingSector);
  const image = join(folder, 'image.raw');
  await writeFile(image, disk);
  process.env.SLIPWAY_CACHE = join(folder, 'cache');
  t.teardown(() => delete process.env.SLIPWAY_CACHE);
  return { ...machineDefaults, image, firmware: 'bios', accelerator: 'tcg', memoryMiB: 64, cpus: 1 };
}
