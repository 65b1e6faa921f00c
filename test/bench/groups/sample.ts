// The sample distribution when the Debian packages are here already but nothing was converted yet.

import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../../lib/cache.ts';
import { type Measurement, measure } from '../measure.ts';
import type { BenchmarkGroup } from '../report.ts';
import { type BenchSetting, repeat } from '../setting.ts';

const program = join(import.meta.dirname, '../../distro/main.ts');

/** Converts all packages, in a new cache that borrows only what was downloaded. The sample distribution was made before. */
export async function sampleGroup({ runs, work }: BenchSetting): Promise<BenchmarkGroup> {
  const converted: Measurement[] = [];
  await repeat(runs, async () => {
    const folder = join(work, 'sample');
    const cache = join(folder, 'cache');
    await mkdir(join(cache, 'sample-distribution'), { recursive: true });
    for (const downloaded of ['debs', 'sample-distribution/trixie']) {
      await symlink(join(cacheDirectory(), downloaded), join(cache, downloaded));
    }
    const argv = [process.execPath, program, '--output', join(folder, 'repository')];
    converted.push(await measure(argv, { SLIPWAY_CACHE: cache }));
    await rm(folder, { recursive: true, force: true });
  });
  return {
    title: 'The sample distribution',
    explanation: 'Some 230 downloaded Debian packages become RPMs with repository metadata.',
    series: [{ name: 'out of downloaded packages', own: converted, peer: [], goal: { seconds: 15 } }],
  };
}
