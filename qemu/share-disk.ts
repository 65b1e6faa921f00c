// A folder of the host as a read-only disk, for guests whose kernel knows no 9p: ext4, made without root.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { run } from '../lib/run.ts';
import type { MachineDisk } from './argv/disks.ts';
import type { HostFolder } from './machine.ts';

/** Of a virtio disk (VIRTIO_BLK_ID_BYTES); a longer one would be cut off. */
export const longestSerial = 20;

const blockSize = 4096;
const smallestBlocks = 1024;

export interface FolderSize {
  /** Of all files, in whole blocks, and one for each file and folder. */
  readonly blocks: number;
  readonly entries: number;
}

/** mke2fs(8). Twice the content and some more leaves room for tables and folders; the file is sparse, so it costs nothing. */
export function shareDiskArgv(folder: string, file: string, { blocks, entries }: FolderSize): string[] {
  return [
    'mkfs.ext4',
    ...['-q', '-F'],
    ...['-O', '^has_journal'],
    ...['-b', String(blockSize)],
    ...['-N', String(entries + 64)],
    ...['-m', '0'],
    ...['-E', 'root_owner=0:0'],
    ...['-d', folder],
    file,
    String(2 * blocks + smallestBlocks),
  ];
}

/**
 * Makes the disk in the machine's work folder. The guest finds it as /dev/disk/by-id/virtio-TAG.
 * @throws UserError `share-tag`; ToolError when a file of the folder cannot be read
 */
export async function makeShareDisk(
  { folder, tag }: HostFolder,
  workFolder: string,
  signal: AbortSignal,
): Promise<MachineDisk> {
  if (tag.length > longestSerial) {
    throw new UserError('share-tag', `the tag "${tag}" is too long for a disk`, {
      hint: `use at most ${longestSerial} letters`,
    });
  }
  const file = join(workFolder, `share-${tag}.raw`);
  await run(shareDiskArgv(folder, file, await folderSize(folder)), { signal });
  return { file, format: 'raw', cache: 'unsafe', readonly: true, bus: 'virtio', serial: tag, writeLog: null };
}

async function folderSize(folder: string): Promise<FolderSize> {
  let [blocks, entries] = [1, 1];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    entries++;
    blocks++;
    if (!entry.isFile()) continue;
    blocks += Math.ceil((await stat(join(entry.parentPath, entry.name))).size / blockSize);
  }
  return { blocks, entries };
}
