// `slipway demo`: the whole chain on the sample distribution, from RPMs to the verdict of a booted host.

import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type ComposeResult, composeTree } from '../../compose/compose.ts';
import { buildImages } from '../../images/build.ts';
import type { ImagesDocument } from '../../images/images-document.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import type { BootReport, BootResult } from '../../qemu/boot-report.ts';
import { testImage, testImageDefaults } from '../../qemu/test-image.ts';
import { defineCommand } from '../command.ts';
import { writeHostTreefile } from '../demo/host-treefile.ts';
import { existingRepository, makeSampleRepository } from '../demo/sample-repository.ts';
import { formatBytes, formatDuration } from '../format.ts';

export interface DemoReport {
  readonly kind: 'demo';
  readonly version: 1;
  /** Absolute path of the folder with everything that was made. */
  readonly folder: string;
  readonly durationMs: number;
  readonly compose: ComposeResult;
  readonly images: ImagesDocument;
  readonly boot: BootReport;
}

// The guest says itself when it is done; only a machine that is very busy comes near to this.
const bootTimeoutMs = 15 * 60_000;

export const command = defineCommand({
  options: {
    output: { type: 'string', default: 'out/demo', describe: 'Folder for the treefile, the commit and the images' },
    rpms: { type: 'string', describe: 'Folder with the sample RPMs (default: made here, which needs apt)' },
    firmware: { choices: ['bios', 'uefi', 'both'], default: 'bios', describe: 'Boot under this firmware' },
  } as const,
  examples: [
    ['demo', 'Compose, build and boot a container host in out/demo'],
    ['demo --firmware both', 'Boot it under BIOS and under UEFI'],
    ['demo --rpms sample', 'On Fedora: with the folder ~/.cache/slipway/sample/trixie of a Debian machine'],
  ],
  async run({ output, rpms, firmware }, tools) {
    const startedAt = performance.now();
    const folder = resolve(output);
    await mkdir(folder, { recursive: true });
    const treefileFile = await writeHostTreefile(
      folder,
      rpms === undefined ? await makeSampleRepository(tools) : await existingRepository(rpms),
    );
    const repo = join(folder, 'repo');
    const compose = await composeTree({ treefileFile, repo, cacheDir: cacheDirectory() }, tools);
    const outputDir = join(folder, 'images');
    const images = await buildImages({ repo, ref: compose.ref, formats: ['raw', 'qcow2'], outputDir }, tools);
    const boot = await testImage(
      {
        ...testImageDefaults,
        image: join(outputDir, 'image.qcow2'),
        firmwares: firmware === 'both' ? ['bios', 'uefi'] : [firmware],
        outputDir: join(folder, 'boot'),
        timeoutMs: bootTimeoutMs,
      },
      tools,
    );
    const durationMs = Math.round(performance.now() - startedAt);
    const report: DemoReport = { kind: 'demo', version: 1, folder, durationMs, compose, images, boot };
    return { document: report, text: formatDemo(report, process.cwd()), exitCode: boot.passed ? 0 : 1 };
  },
});

/** What was made, the verdict, and what to try next, with paths below `from` relative to it. */
export function formatDemo(report: DemoReport, from: string): string {
  const { compose, images, boot } = report;
  const inside = relative(from, report.folder);
  const folder = inside.startsWith('..') ? report.folder : inside || '.';
  const files = images.images.map((image) => `${image.file} (${formatBytes(image.allocatedSize)})`);
  const image = `${folder}/images/image.qcow2`;
  return [
    `commit  ${compose.checksum}`,
    `        ${compose.ref}, ${compose.packages} packages${compose.changed ? '' : ', unchanged'}`,
    `images  ${files.join(', ')} in ${folder}/images`,
    ...boot.boots.map((result) => `boot    ${describeBoot(result)}`),
    `${boot.passed ? 'The host boots' : 'The host does not boot as it should'} (${formatDuration(report.durationMs)} in all)`,
    '',
    'Next:',
    `  ./slipway qemu run ${image}    look around in it`,
    `  ostree --repo=${folder}/repo ls ${compose.ref} /usr    look at the commit`,
    `  ./slipway compose tree ${folder}/host.yaml --repo ${folder}/repo    change the treefile, compose again`,
  ].join('\n');
}

function describeBoot(result: BootResult): string {
  if (!result.passed) {
    const failures = result.checks.filter((check) => check.failure !== null);
    return `${result.firmware} failed: ${failures.map((check) => `${check.name}: ${check.failure}`).join('; ')}`;
  }
  const total = result.times?.total ?? null;
  const time = total === null ? '' : ` in ${formatDuration(total)}`;
  return `${result.firmware} passed${time}: ${result.state}, ${result.failedUnits.length} failed units`;
}
