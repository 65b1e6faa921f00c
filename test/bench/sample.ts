// How long the sample distribution takes when the Debian packages are here already but nothing was converted yet.

import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import { type Measurement, measure } from './measure.ts';

const program = join(import.meta.dirname, '../distro/main.ts');

/** Converts all packages, in a new cache inside the folder that borrows only what was downloaded. The sample distribution was made before. */
export async function measureConversion(folder: string): Promise<Measurement> {
  const cache = join(folder, 'cache');
  await mkdir(join(cache, 'sample-distribution'), { recursive: true });
  for (const downloaded of ['debs', 'sample-distribution/trixie']) {
    await symlink(join(cacheDirectory(), downloaded), join(cache, downloaded));
  }
  return await measure([process.execPath, program, '--output', join(folder, 'repository')], { SLIPWAY_CACHE: cache });
}
