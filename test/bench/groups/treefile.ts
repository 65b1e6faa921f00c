// Reading a treefile of many files.

import { join } from 'node:path';
import type { Measurement } from '../measure.ts';
import { measureSlipway } from '../program.ts';
import type { BenchmarkGroup } from '../report.ts';
import { type BenchSetting, repeat } from '../setting.ts';
import { writeIncludeTree } from './include-tree.ts';

export async function treefileGroup({ runs, work }: BenchSetting): Promise<BenchmarkGroup> {
  const show = ['treefile', 'show', await writeIncludeTree(join(work, 'files'))];
  const cache = join(work, 'cache');
  await measureSlipway(show, cache); // not for the first time, so that the compiled modules are in the cache
  const shown: Measurement[] = [];
  await repeat(runs * 3, async () => {
    shown.push(await measureSlipway(show, cache));
  });
  return {
    title: 'The treefile language',
    explanation: 'The launcher, Node and all reading, merging and printing together.',
    series: [
      {
        name: '`./slipway treefile show` of 25 files that include each other',
        own: shown,
        peer: [],
        goal: { seconds: 0.15 },
      },
    ],
  };
}
