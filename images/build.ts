// Commit -> disk images and container images: the one function that the rest of the project calls.

import { readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readDocument, sha256, writeDocument } from '../lib/documents.ts';
import { UserError } from '../lib/errors.ts';
import { runInNamespace, type WorkerTools } from '../lib/namespace.ts';
import { run } from '../lib/run.ts';
import type { AssembleInput, AssembleResult } from './assemble.ts';
import { commitContentBytes, readCommit, requireKernel } from './commit.ts';
import { containerFormats, diskFormats } from './formats.ts';
import { type ImagesDocument, imagesDocumentFile } from './images-document.ts';
import { compressor } from './oci/blobs.ts';
import { type ContainerImage, containerIsWhole } from './oci/container-image.ts';
import type { ContainerInput } from './oci/worker.ts';
import { type ImageOptions, type ImagePlan, imagePlan } from './plan.ts';
import { makeWorkFolder, staleWorkFolders } from './work-folder.ts';

/**
 * Makes `image.raw`, `image.qcow2`, … and `images.json` in the output folder, or finds that they are there already (same commit,
 * same options, same tools, files untouched). Works as root and as an ordinary user with subordinate ids.
 * @throws UserError `repo-missing`, `ref-missing`, `commit-not-bootable`, `image-too-small`, `disk-full`, `tool-missing`,
 *   `format-unknown`, `karg-invalid`, `name-invalid`, `option-invalid`; ToolError when a program fails for another reason
 */
export async function buildImages(options: ImageOptions, tools: WorkerTools): Promise<ImagesDocument> {
  return await tools.events.step('Build images', async (step) => {
    const isDisk = diskFormats(options.formats).length > 0;
    const commit = await readCommit(resolve(options.repo), options.ref, tools);
    if (isDisk) requireKernel(commit);
    const plan = imagePlan(options, commit, await otherInputs(options, tools));
    const existing = await reusableImages(plan, tools.signal);
    if (existing !== null) {
      step.reused();
      return existing;
    }
    // From here on the old document must not describe the new files.
    await rm(join(plan.outputDir, imagesDocumentFile), { force: true });
    const { disk, images } = isDisk ? await assemble(plan, tools) : noDisk;
    const container = containerFormats(plan.formats).length === 0 ? null : await makeContainer(plan, tools);
    const document: ImagesDocument = {
      kind: 'images',
      version: 1,
      id: plan.id,
      commit: { ref: commit.ref, checksum: commit.checksum, version: commit.version, kernel: commit.kernel },
      sourceDateEpoch: plan.sourceDateEpoch,
      stateroot: plan.stateroot,
      kernelArguments: plan.kernelArguments,
      disk,
      images,
      container,
    };
    await writeDocument(join(plan.outputDir, imagesDocumentFile), document);
    return document;
  });
}

const noDisk = { disk: null, images: [] };

async function assemble(plan: ImagePlan, tools: WorkerTools): Promise<AssembleResult> {
  const assembler = new URL('./assemble.ts', import.meta.url);
  return await inWorkFolders(plan, tools, (input) => {
    return runInNamespace<AssembleInput, AssembleResult>(assembler, input, tools);
  });
}

async function makeContainer(plan: ImagePlan, tools: WorkerTools): Promise<ContainerImage> {
  const maker = new URL('./oci/worker.ts', import.meta.url);
  return await inWorkFolders(plan, tools, (input) => {
    return runInNamespace<ContainerInput, ContainerImage>(maker, input, tools);
  });
}

/** Gives both makers what they need: work folders of their own, those that killed runs left, and how much there is to do. */
async function inWorkFolders<T>(
  plan: ImagePlan,
  tools: WorkerTools,
  work: (input: AssembleInput & ContainerInput) => Promise<T>,
): Promise<T> {
  const parents = [...new Set([plan.outputDir, plan.workDir])];
  const commitBytes = await commitContentBytes(plan.commit, tools);
  const staleFolders = (await Promise.all(parents.map(staleWorkFolders))).flat();
  const [unfinishedFolder, workFolder = unfinishedFolder] = await Promise.all(parents.map(makeWorkFolder));
  try {
    return await work({
      plan,
      workFolder: workFolder!,
      unfinishedFolder: unfinishedFolder!,
      staleFolders,
      commitBytes,
    });
  } finally {
    // A worker removes them itself, with what only it may remove. One that could not start has left them empty.
    for (const folder of [workFolder!, unfinishedFolder!]) await rmdir(folder).catch(() => {});
  }
}

/** The finished images of the same plan, if they are all there and nobody wrote to them (a guest that ran on one did). */
async function reusableImages(plan: ImagePlan, signal: AbortSignal): Promise<ImagesDocument | null> {
  try {
    const document = await readDocument<ImagesDocument>(join(plan.outputDir, imagesDocumentFile), 'images', 1);
    if (document.id !== plan.id) return null;
    for (const image of document.images) {
      const { size, mtimeMs } = await stat(join(plan.outputDir, image.file));
      if (size !== image.size || mtimeMs !== document.sourceDateEpoch * 1000) return null;
    }
    const { container, sourceDateEpoch } = document;
    const isWhole = container === null || (await containerIsWhole(container, plan.outputDir, sourceDateEpoch, signal));
    return isWhole ? document : null;
  } catch {
    return null; // nothing there, or nothing that can be used: make it
  }
}

/** What decides the bytes besides plan and commit. */
async function otherInputs(options: ImageOptions, { events, signal }: WorkerTools): Promise<string[]> {
  const isDisk = diskFormats(options.formats).length > 0;
  const isContainer = containerFormats(options.formats).length > 0;
  const versions = [
    ['ostree', '--version'],
    ['grub-mkimage', '--version'],
    ['mkfs.ext4', '-V'],
    ['qemu-img', '--version'],
  ];
  const printed = (isDisk ? versions : []).map(async (argv) => {
    const { stdout, stderr } = await run(argv, { events, signal });
    return stdout + stderr;
  });
  return [
    ...(await Promise.all(printed)),
    ...(isContainer ? [compressor] : []),
    ...(await keyDigest(options.remote?.gpgKeyFile)),
  ];
}

async function keyDigest(path: string | undefined): Promise<string[]> {
  if (path === undefined) return [];
  try {
    return [sha256(await readFile(path))];
  } catch (cause) {
    throw new UserError('option-invalid', `the key file ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
