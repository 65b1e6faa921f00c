// `images.json`: which images were made, out of which commit, with which disk or layers. The eighth document of the chain.

import type { DocumentHeader } from '../lib/documents.ts';
import type { DiskFormatName } from './formats.ts';
import type { DiskLayout } from './layout.ts';
import type { ContainerImage } from './oci/container-image.ts';

export interface ImageFile {
  readonly format: DiskFormatName;
  /** Name in the folder of the document. */
  readonly file: string;
  /** Bytes of the file, as `ls -l` shows it. */
  readonly size: number;
  /** Bytes that the file takes on the file system that it was written to; the rest is holes. */
  readonly allocatedSize: number;
  /** Bytes of the disk that a guest sees. */
  readonly virtualSize: number;
  readonly sha256: string;
}

export interface ImagesDocument extends DocumentHeader {
  readonly kind: 'images';
  readonly version: 1;
  /** Step id: equal id, equal images. */
  readonly id: string;
  readonly commit: {
    readonly ref: string;
    readonly checksum: string;
    readonly version: string | null;
    /** Null in a tree that never boots. */
    readonly kernel: string | null;
  };
  /** Seconds since 1970: the time of everything in the images, and the modification time of their files. */
  readonly sourceDateEpoch: number;
  readonly stateroot: string;
  readonly kernelArguments: readonly string[];
  /** Null when no disk image was asked for. */
  readonly disk: DiskLayout | null;
  /** Disk images. */
  readonly images: readonly ImageFile[];
  /** Null when no container image was asked for. */
  readonly container: ContainerImage | null;
}

export const imagesDocumentFile = 'images.json';
