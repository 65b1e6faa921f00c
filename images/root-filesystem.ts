// The ext4 root file system: made and filled inside the disk image by mkfs.ext4 -d, without a loop device or a mount.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import { setFixedTimes } from './ext4-times.ts';
import { makeImmutable } from './immutable.ts';
import { derivedGuid, type Partition } from './layout.ts';

/** Boot loader and kernel arguments find the root file system by this label. */
export const rootLabel = 'root';

export const rootBlockSize = 4096;

// Named one by one, because the build machine's mke2fs.conf may switch on what GRUB or an older kernel cannot read. `verity` lets
// fs-verity be used on the host.
const features = [
  ...['none', 'has_journal', 'ext_attr', 'resize_inode', 'dir_index', 'filetype', 'extent', '64bit', 'flex_bg'],
  ...['sparse_super', 'large_file', 'huge_file', 'dir_nlink', 'extra_isize', 'metadata_csum', 'verity'],
];

const configuration = `[defaults]
  enable_periodic_fsck = 0
  default_mntopts = acl,user_xattr
[fs_types]
  ext4 = {
  }
`;

export interface RootFilesystem {
  readonly partition: Partition;
  readonly inodes: number;
  /** Seconds since 1970 for all times in it. */
  readonly sourceDateEpoch: number;
  /** Folder whose content it gets. */
  readonly source: string;
  /** Folder in it, relative to its root, that nothing can be made or removed in; what lies deeper is not affected. */
  readonly immutable: string;
}

/** Makes the file system at the partition's place in `image`. `workFolder` gets mke2fs's configuration. */
export async function makeRootFilesystem(
  image: string,
  root: RootFilesystem,
  workFolder: string,
  { events, signal }: WorkerTools,
): Promise<void> {
  const configurationFile = join(workFolder, 'mke2fs.conf');
  await writeFile(configurationFile, configuration);
  const env = { MKE2FS_CONFIG: configurationFile, SOURCE_DATE_EPOCH: String(root.sourceDateEpoch) };
  await run(mkfsArgv(image, root), { env, events, signal });
  await makeImmutable(`${image}?offset=${root.partition.offset}`, root.immutable, { events, signal });
  await setFixedTimes(image, root.partition.offset, root.sourceDateEpoch);
}

/**
 * The image is fresh and sparse, so its blocks read as zero: with `assume_storage_prezeroed` neither mke2fs nor the booted host's
 * kernel writes zeroes over the inode tables.
 */
export function mkfsArgv(image: string, { partition, inodes, source }: RootFilesystem): string[] {
  const extended = {
    offset: partition.offset,
    hash_seed: derivedGuid(partition.guid, 'hash seed').toLowerCase(),
    root_owner: '0:0',
    lazy_itable_init: 1,
    assume_storage_prezeroed: 1,
  };
  return [
    'mkfs.ext4',
    ...['-q', '-F'],
    ...['-L', rootLabel],
    ...['-O', features.join(',')],
    ...['-b', String(rootBlockSize)],
    ...['-I', '256'],
    ...['-N', String(inodes)],
    ...['-m', '1'],
    ...['-U', partition.guid.toLowerCase()],
    ...['-E', [...Object.entries(extended).map(([name, value]) => `${name}=${value}`), 'nodiscard'].join(',')],
    ...['-d', source],
    image,
    String(partition.size / rootBlockSize),
  ];
}
