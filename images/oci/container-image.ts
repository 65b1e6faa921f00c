// What `images.json` says of a container image, and whether its files are all there.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerFormatName } from '../formats.ts';
import { type Blob, digestOfFile, hasBlob } from './blobs.ts';
import type { NamedLayer } from './documents.ts';

export interface ContainerFile {
  readonly format: ContainerFormatName;
  /** Name in the folder of images.json: of a folder for `oci`, of a file for `oci-archive`. */
  readonly file: string;
  /** Bytes of the archive, or of all blobs of the folder. */
  readonly size: number;
  /** Of the archive, or of the folder's index.json. */
  readonly sha256: string;
}

export interface ContainerImage {
  /** As container tools name it after loading: `localhost/debian/x86_64/host:13.2`. */
  readonly name: string;
  /** Digest of the manifest: the image's digest in a registry. */
  readonly manifest: Blob;
  readonly config: Blob;
  /** Lowest first. */
  readonly layers: readonly NamedLayer[];
  readonly files: readonly ContainerFile[];
}

/** Every blob of an image, the manifest first. */
export function blobsOf({ manifest, config, layers }: Pick<ContainerImage, 'manifest' | 'config' | 'layers'>): Blob[] {
  return [manifest, config, ...layers];
}

/**
 * Whether the files in `folder` are those that were described. Blobs are taken by name and size, the archive by size and modification
 * time, which is `sourceDateEpoch` as long as nobody wrote to it.
 */
export async function containerIsWhole(
  image: ContainerImage,
  folder: string,
  sourceDateEpoch: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { format, file, size, sha256 } of image.files) {
    const path = join(folder, file);
    if (format === 'oci-archive') {
      const found = await stat(path);
      if (found.size !== size || found.mtimeMs !== sourceDateEpoch * 1000) return false;
    } else {
      if ((await digestOfFile(join(path, 'index.json'), signal)).digest !== `sha256:${sha256}`) return false;
      const present = await Promise.all(blobsOf(image).map((blob) => hasBlob(path, blob)));
      if (present.includes(false)) return false;
    }
  }
  return true;
}
