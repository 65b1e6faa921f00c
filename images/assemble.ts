// The making of images, start to end. Runs inside the user namespace (lib/namespace.ts), where files can be owned as the commit
// says: takes an ImagePlan, puts finished images into the output folder, gives their description.

import { mkdir, open, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFull, isDiskFull } from '../lib/disk-full.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import { digestFile, type Extent, extentsOf } from './digest.ts';
import { sortFolders } from './directory-order.ts';
import { makeDisk } from './disk.ts';
import { type DiskFormat, diskFormats } from './formats.ts';
import { makeBootLoaders } from './grub.ts';
import type { ImageFile } from './images-document.ts';
import { chooseSize, type DiskLayout, diskLayout } from './layout.ts';
import type { ImagePlan } from './plan.ts';
import { imageRoom, requireRoom } from './room.ts';
import { makeScratch, type Scratch } from './scratch.ts';
import { inMebibytes, mebibyte } from './size.ts';
import { deploymentFolder, makeSysroot, measureContent } from './sysroot.ts';
import { removeFolder } from './work-folder.ts';

export interface AssembleInput {
  readonly plan: ImagePlan;
  /** Empty folders of this run: for files in between, and (on the output's file system) for images not yet finished. */
  readonly workFolder: string;
  readonly unfinishedFolder: string;
  /** Folders of runs that were killed. */
  readonly staleFolders: readonly string[];
  /** Bytes that the commit's files have, for the sentence about a full disk. */
  readonly commitBytes: number;
}

export interface AssembleResult {
  readonly disk: DiskLayout;
  readonly images: readonly ImageFile[];
}

export async function main(input: AssembleInput, tools: WorkerTools): Promise<AssembleResult> {
  const { workFolder, unfinishedFolder } = input;
  try {
    await Promise.all(input.staleFolders.map(removeFolder));
    return await assemble(input, tools);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw await diskFull(
      [input.plan.workDir, input.plan.outputDir],
      imageRoom(2 * roomForImages(input.commitBytes)),
      error,
    );
  } finally {
    await Promise.all([removeFolder(workFolder), removeFolder(unfinishedFolder)]);
  }
}

async function assemble(input: AssembleInput, tools: WorkerTools): Promise<AssembleResult> {
  const scratch = await makeScratch(join(input.workFolder, 'scratch'), input.commitBytes, tools);
  try {
    return await assembleFrom(scratch, input, tools);
  } finally {
    await scratch.dispose();
  }
}

async function assembleFrom(scratch: Scratch, input: AssembleInput, tools: WorkerTools): Promise<AssembleResult> {
  const { plan, workFolder, unfinishedFolder } = input;
  const { events } = tools;
  const sysroot = join(scratch.folder, 'sysroot');
  const [content, loaders] = await allSettledOrThrow([
    events.step('Deploy the commit', async (step) => {
      await makeSysroot(sysroot, plan, tools);
      if (scratch.isInMemory) sortFolders(sysroot, join(scratch.folder, 'aside'));
      const measured = measureContent(sysroot);
      step.detail(`${inMebibytes(measured.bytes)}, ${measured.inodes} files`);
      return measured;
    }),
    events.step('Make boot loaders', async () => {
      const folder = join(workFolder, 'boot-loaders');
      await mkdir(folder);
      return await makeBootLoaders(folder, tools);
    }),
  ]);
  const { diskSize, inodes } = chooseSize(content, plan.size);
  await requireRoom(plan.outputDir, roomForImages(content.bytes));
  const layout = diskLayout(diskSize, plan.commit.checksum);
  const raw = join(unfinishedFolder, 'image.raw');
  await events.step('Write the disk', async (step) => {
    const { sourceDateEpoch } = plan;
    const disk = { loaders, sysroot, inodes, sourceDateEpoch, deployment: deploymentFolder(plan) };
    await makeDisk(raw, layout, disk, workFolder, tools);
    step.detail(`${inMebibytes(diskSize)}, BIOS and UEFI`);
  });
  const [images] = await allSettledOrThrow([
    finishFormats(plan, raw, diskSize, unfinishedFolder, tools),
    scratch.dispose(), // beside the conversion, which leaves one processor idle
  ]);
  return { disk: layout, images };
}

/** Converts, hashes and moves the images of all formats; the raw disk is hashed while others are made from it. */
async function finishFormats(
  plan: ImagePlan,
  raw: string,
  virtualSize: number,
  unfinishedFolder: string,
  tools: WorkerTools,
): Promise<ImageFile[]> {
  const finish = (format: DiskFormat): Promise<ImageFile> =>
    tools.events.step(`Finish ${format.fileName}`, async (step) => {
      const path = join(unfinishedFolder, format.fileName);
      if (format.convertArgv !== null) await run(format.convertArgv(raw, path), tools);
      const size = (await stat(path)).size;
      const extents: Extent[] =
        format.convertArgv === null ? await extentsOf(path, tools) : [{ start: 0, length: size, isHole: false }];
      const sha256 = await digestFile(path, extents, tools.signal);
      await flush(path, plan.sourceDateEpoch);
      const allocatedSize = (await stat(path)).blocks * 512;
      step.detail(`${inMebibytes(allocatedSize)} on disk`);
      return { format: format.name, file: format.fileName, size, allocatedSize, virtualSize, sha256 };
    });
  const images = await allSettledOrThrow(diskFormats(plan.formats).map(finish));
  for (const { file } of images) await rename(join(unfinishedFolder, file), join(plan.outputDir, file));
  return images;
}

// The fixed modification time tells a later run that nobody wrote to the image since.
async function flush(path: string, epoch: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await utimes(path, epoch, epoch);
}

// The raw disk, what ext4 and the boot loaders add to the content, and one compressed copy.
function roomForImages(contentBytes: number): number {
  return 1.6 * contentBytes + 32 * mebibyte;
}

/** Like Promise.all, but a failure is passed on only when nothing runs any more, so that cleaning up meets no writer. */
async function allSettledOrThrow<T extends readonly unknown[]>(
  work: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const outcomes = await Promise.allSettled(work);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
