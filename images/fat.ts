// FAT file systems inside the disk image, made and filled in place with dosfstools and mtools: no mount, no copy, fixed ids and times.

import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import { type Partition, sectorSize } from './layout.ts';

export interface FatContent {
  readonly label: string;
  readonly bits: 12 | 32;
  readonly sectorsPerCluster: number;
  /** Folders to make, parents first, without a leading slash. */
  readonly folders: readonly string[];
  readonly files: readonly { readonly source: string; readonly path: string }[];
}

/** Makes the file system of one partition. Volume id and times follow from the partition's GUID and the epoch. */
export async function makeFatPartition(
  image: string,
  partition: Partition,
  content: FatContent,
  sourceDateEpoch: number,
  { events, signal }: WorkerTools,
): Promise<void> {
  // mtools would otherwise refuse images whose geometry is not that of a floppy disk or a whole hard disk.
  const env = { SOURCE_DATE_EPOCH: String(sourceDateEpoch), MTOOLS_SKIP_CHECK: '1' };
  for (const argv of fatCommands(image, partition, content)) await run(argv, { env, events, signal });
}

/** The commands in their order: make the file system, the folders, the files. */
export function fatCommands(image: string, partition: Partition, content: FatContent): string[][] {
  const inPlace = `${image}@@${partition.offset}`;
  return [
    [
      'mkfs.vfat',
      '--invariant',
      ...['-F', String(content.bits)],
      ...['-s', String(content.sectorsPerCluster)],
      ...['-n', content.label],
      ...['-i', partition.guid.slice(0, 8)],
      ...['--offset', String(partition.offset / sectorSize)],
      image,
      String(partition.size / 1024),
    ],
    ...(content.folders.length === 0 ? [] : [['mmd', '-i', inPlace, ...content.folders.map((path) => `::/${path}`)]]),
    ...content.files.map((file) => ['mcopy', '-i', inPlace, file.source, `::/${file.path}`]),
  ];
}
