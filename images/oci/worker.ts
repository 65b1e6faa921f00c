// The making of a container image, start to end: takes an ImagePlan, puts the layout and the archive into the output folder, gives
// their description. Runs in a process of its own (lib/namespace.ts), since hashing hundreds of megabytes must not hold up the views.

import { mkdir, rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommit } from '../../compose/repository/commit.ts';
import { diskFull, isDiskFull } from '../../lib/disk-full.ts';
import { readIfPresent, writeFileAtomically } from '../../lib/files.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { containerFormats } from '../formats.ts';
import type { ImagePlan } from '../plan.ts';
import { imageRoom, requireRoom } from '../room.ts';
import { inMebibytes } from '../size.ts';
import { removeFolder } from '../work-folder.ts';
import { writeArchive } from './archive.ts';
import { digestOfFile, removeOtherBlobs, writeBlob } from './blobs.ts';
import { blobsOf, type ContainerFile, type ContainerImage } from './container-image.ts';
import { brokenContainerRules, refuseWhiteouts } from './container-rules.ts';
import { imageConfig, imageIndex, imageManifest, imageName, layoutMarker } from './documents.ts';
import { assignLayers } from './layers.ts';
import { type LayerSource, makeLayers } from './make-layers.ts';
import { readFileOwners } from './owners.ts';
import { readContainerTree } from './tree.ts';

export interface ContainerInput {
  readonly plan: ImagePlan;
  /** Empty folders of this run: for files in between, and (on the output's file system) for what is not yet finished. */
  readonly workFolder: string;
  readonly unfinishedFolder: string;
  /** Folders of runs that were killed. */
  readonly staleFolders: readonly string[];
  /** Bytes that the commit's files have, for the sentence about a full disk. */
  readonly commitBytes: number;
}

export async function main(input: ContainerInput, tools: WorkerTools): Promise<ContainerImage> {
  const { plan, workFolder, unfinishedFolder } = input;
  try {
    await Promise.all(input.staleFolders.map(removeFolder));
    // Before the export, because ostree does not say why it cannot write.
    await requireRoom(plan.workDir, input.commitBytes);
    return await makeContainerImage(input, tools);
  } catch (error) {
    await removeBegunLayout(layoutOf(input));
    if (!isDiskFull(error)) throw error;
    throw await diskFull([plan.workDir, plan.outputDir], imageRoom(2 * input.commitBytes), error);
  } finally {
    await Promise.all([removeFolder(workFolder), removeFolder(unfinishedFolder)]);
  }
}

async function makeContainerImage(input: ContainerInput, tools: WorkerTools): Promise<ContainerImage> {
  const { plan, workFolder, unfinishedFolder } = input;
  const formats = containerFormats(plan.formats);
  const folder = formats.find((format) => format.name === 'oci');
  const archive = formats.find((format) => format.name === 'oci-archive');
  const layout = layoutOf(input);
  const source = await tools.events.step('Read the commit for the container', async (step) => {
    const read = await readSource(plan, workFolder, tools);
    step.detail(`${read.tree.entries.length} files in ${read.layers.length} layers`);
    return read;
  });
  const image = await tools.events.step('Write the container layers', async (step) => {
    const layers = await makeLayers(source, layout, step, tools.signal);
    const subject = { ...plan.commit, command: await containerCommand(plan) };
    const config = await writeBlob(layout, imageConfig(subject, layers, plan.sourceDateEpoch));
    const manifest = await writeBlob(layout, imageManifest(config, layers));
    const name = imageName(plan.commit);
    await writeFileAtomically(join(layout, 'oci-layout'), layoutMarker);
    await writeFileAtomically(join(layout, 'index.json'), imageIndex(manifest, name));
    const written = { name, manifest, config, layers };
    await removeOtherBlobs(layout, blobsOf(written));
    return written;
  });
  const files: ContainerFile[] = [];
  if (folder !== undefined) {
    const { digest } = await digestOfFile(join(layout, 'index.json'), tools.signal);
    const size = blobsOf(image).reduce((sum, blob) => sum + blob.size, 0);
    files.push({ format: folder.name, file: folder.fileName, size, sha256: hexOf(digest) });
  }
  if (archive !== undefined) {
    const { digest, size } = await tools.events.step(`Finish ${archive.fileName}`, async (step) => {
      const unfinished = join(unfinishedFolder, archive.fileName);
      await writeArchive(layout, blobsOf(image), unfinished, tools.signal);
      const written = await digestOfFile(unfinished, tools.signal);
      // The fixed modification time tells a later run that nobody wrote to the archive since.
      await utimes(unfinished, plan.sourceDateEpoch, plan.sourceDateEpoch);
      await rename(unfinished, join(plan.outputDir, archive.fileName));
      step.detail(inMebibytes(written.size));
      return written;
    });
    files.push({ format: archive.name, file: archive.fileName, size, sha256: hexOf(digest) });
  }
  return { ...image, files };
}

/** The folder that is asked for is changed in place: blobs are named by their content, and index.json is replaced last, in one go. */
function layoutOf({ plan, unfinishedFolder }: ContainerInput): string {
  const folder = containerFormats(plan.formats).find((format) => format.name === 'oci');
  return folder === undefined ? join(unfinishedFolder, 'layout') : join(plan.outputDir, folder.fileName);
}

/** Without an index.json nobody can use a layout; one of an earlier build stays. */
async function removeBegunLayout(layout: string): Promise<void> {
  if ((await readIfPresent(join(layout, 'index.json'))) === undefined) await removeFolder(layout);
}

async function readSource(plan: ImagePlan, workFolder: string, tools: WorkerTools): Promise<LayerSource> {
  const tree = await readContainerTree(plan.commit, workFolder, tools);
  refuseWhiteouts(tree.entries);
  const brokenRules = plan.commit.kernel === null ? [] : brokenContainerRules(tree.entries);
  for (const sentence of brokenRules) tools.events.warning(sentence);
  const database = join(workFolder, 'package-database');
  await mkdir(database);
  const owners = await readFileOwners(tree, database, tools);
  return { tree, owners, layers: assignLayers(tree.entries, owners, plan.layerLimit) };
}

// rpm-ostree's key for the treefile's `container-cmd`.
async function containerCommand({ commit }: ImagePlan): Promise<readonly string[] | null> {
  const { metadata } = await readCommit(commit.repo, commit.checksum);
  const entry = metadata.get('ostree.container-cmd');
  return entry?.type === 'as' ? (entry.value as readonly string[]) : null;
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
