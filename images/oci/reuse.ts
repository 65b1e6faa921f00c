// The layers that an earlier build left in the same layout, so that they need not be compressed again.

import { join } from 'node:path';
import { readIfPresent } from '../../lib/files.ts';
import { type Blob, blobPath, compressor, hasBlob } from './blobs.ts';
import { compressorKey } from './documents.ts';

/** Blobs by diff id (`sha256:HEX` of the layer before compression); empty when the layout is missing, damaged or of another zlib. */
export async function layersIn(layout: string): Promise<ReadonlyMap<string, Blob>> {
  try {
    return await readLayers(layout);
  } catch {
    return new Map(); // not a layout of ours: everything is made anew
  }
}

async function readLayers(layout: string): Promise<Map<string, Blob>> {
  const json = async (path: string): Promise<unknown> => JSON.parse(String(await readIfPresent(path)));
  const index = (await json(join(layout, 'index.json'))) as {
    manifests: Blob[];
    annotations: Record<string, string>;
  };
  if (index.annotations[compressorKey] !== compressor) return new Map();
  const manifest = (await json(blobPath(layout, index.manifests[0]!.digest))) as { config: Blob; layers: Blob[] };
  const config = (await json(blobPath(layout, manifest.config.digest))) as { rootfs: { diff_ids: string[] } };
  const found = new Map<string, Blob>();
  for (const [at, { digest, size }] of manifest.layers.entries()) {
    if (await hasBlob(layout, { digest, size })) found.set(config.rootfs.diff_ids[at]!, { digest, size });
  }
  return found;
}
