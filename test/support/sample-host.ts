// The host that the boot tests are about: made by Slipway itself from the sample distribution, kept in the cache, made again when an
// input has changed. `SLIPWAY_TEST_IMAGE` names another image for tests that need nothing but an image.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ComposeResult, composeTree } from '../../compose/compose.ts';
import { buildImages } from '../../images/build.ts';
import type { ImageOptions } from '../../images/plan.ts';
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

/** How the composed hosts differ. */
interface SampleVariant {
  /** Shipped treefiles that the host includes, relative to treefiles/. */
  readonly include: readonly string[];
  /** Packages of the host beside those. */
  readonly packages: readonly string[];
  /** Debian packages that the sample distribution must have for it. */
  readonly debianPackages: readonly string[];
  readonly version: 1 | 2;
}

const containerHost: SampleVariant = {
  include: ['container-host.yaml'],
  // busybox-static becomes the content of the container that the tests run.
  packages: ['slipway-sample-version', 'busybox-static'],
  debianPackages: [],
  version: 1,
};
const ignitionHost: SampleVariant = {
  include: ['base.yaml', 'parts/ignition.yaml'],
  packages: [],
  debianPackages: ['ignition'],
  version: 1,
};

/** Image with version 1 of the package slipway-sample-version. */
export async function sampleHost(tools: WorkerTools): Promise<SampleHost> {
  return await composedImage('first', containerHost, {}, tools);
}

/** Image of a smaller host, whose first boot takes an Ignition config. */
export async function sampleIgnitionHost(tools: WorkerTools): Promise<SampleHost> {
  return await composedImage('ignition', ignitionHost, { ignitionPlatform: 'qemu' }, tools);
}

/** The host of sampleHost() with version 2 of the package slipway-sample-version, ready to be served. */
export async function sampleUpdate(tools: WorkerTools): Promise<SampleUpdate> {
  const folder = sampleFolder('second');
  const composed = join(folder, 'repo');
  const second = await composeSample(folder, composed, { ...containerHost, version: 2 }, tools);
  const repo = join(folder, 'archive');
  const { signal } = tools;
  await run(['ostree', 'init', `--repo=${repo}`, '--mode=archive'], { signal });
  await run(['ostree', 'config', `--repo=${repo}`, 'set', 'archive.zlib-level', '1'], { signal });
  await run(['ostree', 'pull-local', `--repo=${repo}`, composed, second.ref], { signal });
  return { repo, second };
}

function sampleFolder(name: string): string {
  return join(cacheDirectory(), 'boot-tests', name);
}

async function composedImage(
  name: string,
  variant: SampleVariant,
  options: Pick<ImageOptions, 'ignitionPlatform'>,
  tools: WorkerTools,
): Promise<SampleHost> {
  const folder = sampleFolder(name);
  const repo = join(folder, 'repo');
  const first = await composeSample(folder, repo, variant, tools);
  const outputDir = join(folder, 'images');
  const remote = { gpgVerify: false };
  await buildImages({ repo, ref: first.ref, formats: ['qcow2'], outputDir, remote, ...options }, tools);
  return { image: join(outputDir, 'image.qcow2'), repo, first };
}

async function composeSample(
  folder: string,
  repo: string,
  variant: SampleVariant,
  tools: WorkerTools,
): Promise<ComposeResult> {
  await mkdir(folder, { recursive: true });
  const distribution = await makeSampleDistribution(
    { output: join(folder, 'rpms'), upgrade: variant.version === 2, packages: variant.debianPackages },
    tools,
  );
  const treefileFile = join(folder, 'host.yaml');
  await writeFileAtomically(treefileFile, sampleTreefile(variant));
  await writeFileAtomically(join(folder, 'sample.repo'), sampleRepoFile(distribution.folder));
  const commitMetadata = { version: `${variant.version}` };
  return await composeTree({ treefileFile, repo, cacheDir: cacheDirectory(), commitMetadata }, tools);
}

function sampleTreefile({ include, packages }: SampleVariant): string {
  const shipped = include.map((name) => fileURLToPath(new URL(`../../treefiles/${name}`, import.meta.url)));
  return `include: ${JSON.stringify(shipped)}
ref: test/\${basearch}/host
repos: [sample]
packages: ${JSON.stringify(packages)}
`;
}

function sampleRepoFile(repository: string): string {
  return `[sample]\nname=Slipway sample distribution\nbaseurl=file://${repository}\ngpgcheck=0\n`;
}
