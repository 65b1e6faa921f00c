// The raw disk: partition table, boot loaders, boot counter and root file system, each written to its place in one sparse file.

import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerTools } from '../lib/namespace.ts';
import { grubenvBlock, grubenvFile } from './boot-counter.ts';
import { makeFatPartition } from './fat.ts';
import { partitionTable } from './gpt.ts';
import { type BootLoaders, bootSector, coreImage } from './grub.ts';
import { type DiskLayout, partitionNamed } from './layout.ts';
import { makeRootFilesystem } from './root-filesystem.ts';

export interface DiskContent {
  readonly loaders: BootLoaders;
  /** Folder that becomes the root file system. */
  readonly sysroot: string;
  readonly inodes: number;
  readonly sourceDateEpoch: number;
  /** The folder of the deployment in the sysroot. */
  readonly deployment: string;
}

/** Writes the disk to `image`, which must not exist. Small files in between go to `workFolder`. */
export async function makeDisk(
  image: string,
  layout: DiskLayout,
  content: DiskContent,
  workFolder: string,
  tools: WorkerTools,
): Promise<void> {
  const file = await open(image, 'wx');
  try {
    await file.truncate(layout.size);
    await writeTableAndBiosLoader(file, layout, content.loaders);
  } finally {
    await file.close();
  }
  const epoch = content.sourceDateEpoch;
  const counter = join(workFolder, grubenvFile);
  await writeFile(counter, grubenvBlock());
  const esp = {
    label: 'ESP',
    bits: 32,
    sectorsPerCluster: 1,
    folders: ['EFI', 'EFI/BOOT'],
    files: [{ source: content.loaders.efiFile, path: 'EFI/BOOT/BOOTX64.EFI' }],
  } as const;
  const bootenv = {
    label: 'BOOTENV',
    bits: 12,
    sectorsPerCluster: 2,
    folders: [],
    files: [{ source: counter, path: grubenvFile }],
  } as const;
  await makeFatPartition(image, partitionNamed(layout, 'esp'), esp, epoch, tools);
  await makeFatPartition(image, partitionNamed(layout, 'bootenv'), bootenv, epoch, tools);
  const partition = partitionNamed(layout, 'root');
  const { inodes, sysroot: source, deployment: immutable } = content;
  const root = { partition, inodes, sourceDateEpoch: epoch, source, immutable };
  await makeRootFilesystem(image, root, workFolder, tools);
}

async function writeTableAndBiosLoader(file: FileHandle, layout: DiskLayout, loaders: BootLoaders): Promise<void> {
  const table = partitionTable(layout);
  const bios = partitionNamed(layout, 'bios');
  const writes = [
    { data: table.primary, at: 0 },
    { data: bootSector(loaders.bootImage, bios.offset), at: 0 }, // ends before the table in the same sector
    { data: coreImage(loaders.core, bios.offset, bios.size), at: bios.offset },
    { data: table.backup, at: table.backupOffset },
  ];
  for (const { data, at } of writes) await file.write(data, 0, data.length, at);
}
