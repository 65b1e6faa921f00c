// The host that the boot tests are about: made by Slipway itself from the sample distribution, kept in the cache, made again when an
// input has changed. `SLIPWAY_TEST_IMAGE` names another image for tests that need nothing but an image.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ComposeResult, composeTree } from '../../compose/compose.ts';
import { buildImages } from '../../images/build.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { writeFileAtomically } from '../../lib/files.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { makeSampleDistribution } from '../distro/distribution.ts';

export interface SampleHost {
  /** qcow2 image of `first`. */
  readonly image: string;
  /** Repository that holds `first`. */
  readonly repo: string;
  readonly first: ComposeResult;
}

export interface SampleUpdate {
  /** Archive repository whose ref (that of the image) is `second`. */
  readonly repo: string;
  readonly second: ComposeResult;
}

const containerHost = fileURLToPath(new URL('../../treefiles/container-host.yaml', import.meta.url));

/** Image with version 1 of the package slipway-sample-version. */
export async function sampleHost(tools: WorkerTools): Promise<SampleHost> {
  const folder = join(cacheDirectory(), 'boot-tests', 'first');
  const repo = join(folder, 'repo');
  const first = await composeSample(folder, repo, false, tools);
  const outputDir = join(folder, 'images');
  const remote = { gpgVerify: false };
  await buildImages({ repo, ref: first.ref, formats: ['qcow2'], outputDir, remote }, tools);
  return { image: join(outputDir, 'image.qcow2'), repo, first };
}

/** The same host with version 2 of the package slipway-sample-version, ready to be served. */
export async function sampleUpdate(tools: WorkerTools): Promise<SampleUpdate> {
  const folder = join(cacheDirectory(), 'boot-tests', 'second');
  const composed = join(folder, 'repo');
  const second = await composeSample(folder, composed, true, tools);
  const repo = join(folder, 'archive');
  const { signal } = tools;
  await run(['ostree', 'init', `--repo=${repo}`, '--mode=archive'], { signal });
  await run(['ostree', 'config', `--repo=${repo}`, 'set', 'archive.zlib-level', '1'], { signal });
  await run(['ostree', 'pull-local', `--repo=${repo}`, composed, second.ref], { signal });
  return { repo, second };
}

async function composeSample(
  folder: string,
  repo: string,
  upgrade: boolean,
  tools: WorkerTools,
): Promise<ComposeResult> {
  await mkdir(folder, { recursive: true });
  const distribution = await makeSampleDistribution({ output: join(folder, 'rpms'), upgrade }, tools);
  const treefileFile = join(folder, 'host.yaml');
  await writeFileAtomically(treefileFile, sampleTreefile(containerHost));
  await writeFileAtomically(join(folder, 'sample.repo'), sampleRepoFile(distribution.folder));
  const commitMetadata = { version: upgrade ? '2' : '1' };
  return await composeTree({ treefileFile, repo, cacheDir: cacheDirectory(), commitMetadata }, tools);
}

// busybox-static becomes the content of the container that the tests run.
function sampleTreefile(include: string): string {
  return `include: ${JSON.stringify(include)}
ref: test/\${basearch}/host
repos: [sample]
packages: [slipway-sample-version, busybox-static]
`;
}

function sampleRepoFile(repository: string): string {
  return `[sample]\nname=Slipway sample distribution\nbaseurl=file://${repository}\ngpgcheck=0\n`;
}
