// `slipway images build`: commit -> disk images and container images that boot, with `images.json` beside them.

import { join } from 'node:path';
import { buildImages } from '../../../images/build.ts';
import { imageFormats } from '../../../images/formats.ts';
import type { ImagesDocument } from '../../../images/images-document.ts';
import type { ImageOptions } from '../../../images/plan.ts';
import { parseSize } from '../../../images/size.ts';
import { defineCommand } from '../../command.ts';
import { formatBytes } from '../../format.ts';

const formatList = imageFormats.map((format) => `${format.name} (${format.describe})`).join(', ');

export const command = defineCommand({
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository that holds the commit' },
    ref: { type: 'string', demandOption: true, describe: 'Branch whose commit goes into the images' },
    format: { type: 'string', default: 'qcow2', describe: `Formats, joined by commas: ${formatList}` },
    output: { type: 'string', default: 'images', describe: 'Folder for the images and images.json' },
    size: { type: 'string', describe: 'Size of the disk, e.g. 8G (default: from the content, at least 4G; sparse)' },
    karg: { type: 'string', array: true, nargs: 1, describe: 'Kernel argument; replaces a default of the same name' },
    'max-layers': { type: 'number', describe: 'Largest number of layers of a container image (default: 64)' },
    stateroot: {
      type: 'string',
      default: 'slipway',
      describe: 'Name of the folder of deployments that share one /var',
    },
    'remote-name': { type: 'string', default: 'slipway', describe: 'Name of the remote that the host updates from' },
    'remote-url': { type: 'string', describe: 'Address of the repository that the host updates from' },
    'remote-gpg-key': { type: 'string', describe: 'Public key file that updates must be signed with' },
    'remote-allow-unsigned': {
      type: 'boolean',
      default: false,
      describe: 'Let the host take updates that are not signed',
    },
    'ignition-platform': { type: 'string', describe: 'Run Ignition on the first boot, for this platform, e.g. qemu' },
    'source-date-epoch': { type: 'number', describe: "Time of all files in the images (default: the commit's)" },
    'work-dir': { type: 'string', describe: 'Folder for files in between (default: hidden in the output folder)' },
  },
  examples: [
    ['images build --repo repo --ref debian/x86_64/host', 'Write images/image.qcow2 and images/images.json'],
    ['images build --repo repo --ref debian/x86_64/host --format raw,qcow2 --size 8G', 'Two formats of an 8 GiB disk'],
    [
      'images build --repo repo --ref fleet/stable --remote-url https://updates.example.com/repo --remote-gpg-key fleet.gpg',
      'A host that updates itself with signed commits',
    ],
    ['images build --repo repo --ref debian/x86_64/host --format oci', 'A container image, for bootc and podman run'],
  ],
  async run(argv, { events, signal }) {
    const options: ImageOptions = {
      repo: argv.repo,
      ref: argv.ref,
      formats: [argv.format],
      outputDir: argv.output,
      kargs: argv.karg ?? [],
      stateroot: argv.stateroot,
      remote: {
        name: argv.remoteName,
        gpgVerify: !argv.remoteAllowUnsigned,
        ...(argv.remoteUrl === undefined ? {} : { url: argv.remoteUrl }),
        ...(argv.remoteGpgKey === undefined ? {} : { gpgKeyFile: argv.remoteGpgKey }),
      },
      ...(argv.size === undefined ? {} : { size: parseSize(argv.size) }),
      ...(argv.maxLayers === undefined ? {} : { layerLimit: argv.maxLayers }),
      ...(argv.ignitionPlatform === undefined ? {} : { ignitionPlatform: argv.ignitionPlatform }),
      ...(argv.sourceDateEpoch === undefined ? {} : { sourceDateEpoch: argv.sourceDateEpoch }),
      ...(argv.workDir === undefined ? {} : { workDir: argv.workDir }),
    };
    const document = await buildImages(options, { events, signal });
    return { document, text: summary(document, argv.output) };
  },
});

/** One line an image: path, size on disk, size of the disk or number of layers, digest of the file or of the container's manifest. */
export function summary({ commit, images, container }: ImagesDocument, folder: string): string {
  const version = commit.version === null ? '' : ` version ${commit.version}`;
  const rows = images.map((image) => [
    join(folder, image.file),
    `${formatBytes(image.allocatedSize)} of a ${formatBytes(image.virtualSize)} disk`,
    `sha256:${image.sha256}`,
  ]);
  for (const { file, size } of container?.files ?? []) {
    const layers = `${formatBytes(size)} in ${container!.layers.length} layers`;
    rows.push([join(folder, file), layers, container!.manifest.digest]);
  }
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [`${commit.ref}${version} (${commit.checksum.slice(0, 12)})`, ...lines].join('\n');
}
