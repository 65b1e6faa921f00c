// `images.json`: which images were made, out of which commit, with which disk. The eighth document of the chain.

import type { DocumentHeader } from '../lib/documents.ts';
import type { FormatName } from './formats.ts';
import type { DiskLayout } from './layout.ts';

export interface ImageFile {
  readonly format: FormatName;
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
    readonly kernel: string;
  };
  /** Seconds since 1970: the time of everything in the images, and the modification time of their files. */
  readonly sourceDateEpoch: number;
  readonly stateroot: string;
  readonly kernelArguments: readonly string[];
  readonly disk: DiskLayout;
  readonly images: readonly ImageFile[];
}

export const imagesDocumentFile = 'images.json';
