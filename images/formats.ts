// The only table of image formats: every list of formats, help text and conversion comes from here.

import { UserError } from '../lib/errors.ts';
import { nearestNames } from '../lib/near-miss.ts';

export type DiskFormatName = 'raw' | 'qcow2';
export type ContainerFormatName = 'oci' | 'oci-archive';
export type FormatName = DiskFormatName | ContainerFormatName;

export type ImageFormat = DiskFormat | ContainerFormat;

export interface DiskFormat {
  readonly kind: 'disk';
  readonly name: DiskFormatName;
  readonly fileName: string;
  readonly describe: string;
  /** Command that makes the format out of the raw disk; null for the raw disk itself. */
  readonly convertArgv: ((rawFile: string, output: string) => string[]) | null;
}

export interface ContainerFormat {
  readonly kind: 'container';
  readonly name: ContainerFormatName;
  /** Of a file, or of a folder for a layout. */
  readonly fileName: string;
  readonly describe: string;
}

export const imageFormats: readonly ImageFormat[] = [
  {
    kind: 'disk',
    name: 'raw',
    fileName: 'image.raw',
    describe: 'the disk byte for byte, sparse',
    convertArgv: null,
  },
  {
    kind: 'disk',
    name: 'qcow2',
    fileName: 'image.qcow2',
    describe: 'for QEMU and libvirt, compressed with zstd',
    // Not `-W` (out of order): twice as fast, but the same disk would give other bytes every time.
    convertArgv: (rawFile, output) => [
      ...['qemu-img', 'convert', '-q'],
      ...['-f', 'raw'],
      ...['-O', 'qcow2'],
      ...['-c', '-o', 'compression_type=zstd'],
      ...['-m', '8'],
      rawFile,
      output,
    ],
  },
  {
    kind: 'container',
    name: 'oci',
    fileName: 'image.oci',
    describe: 'container image, bootable where the commit is, as a folder',
  },
  { kind: 'container', name: 'oci-archive', fileName: 'image.oci.tar', describe: 'the same in one file' },
];

/**
 * The rows for the given names, in the table's order, each once. Names may be joined by commas.
 * @throws UserError `format-unknown` that offers the nearest name
 */
export function formatsNamed(names: readonly string[]): readonly ImageFormat[] {
  const wanted = names.flatMap((name) => name.split(',')).map((name) => name.trim());
  const known = imageFormats.map((format) => format.name as string);
  for (const name of wanted) {
    if (known.includes(name)) continue;
    const [nearest] = nearestNames(name, known);
    throw new UserError('format-unknown', `there is no image format "${name}"`, {
      hint: nearest === undefined ? `the formats are ${known.join(', ')}` : `did you mean "${nearest}"?`,
    });
  }
  return imageFormats.filter((format) => wanted.includes(format.name));
}

/** The rows of disk images among the given names. */
export function diskFormats(names: readonly string[]): readonly DiskFormat[] {
  return formatsNamed(names).filter((format) => format.kind === 'disk');
}

/** The rows of container images among the given names. */
export function containerFormats(names: readonly string[]): readonly ContainerFormat[] {
  return formatsNamed(names).filter((format) => format.kind === 'container');
}
