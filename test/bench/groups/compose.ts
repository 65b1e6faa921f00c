// Composes and images of the sample host: with empty caches against the same job by hand, with one package changed, with nothing changed.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeHostTreefile } from '../../../cli/demo/host-treefile.ts';
import { loadTreefile } from '../../../compose/treefile/load.ts';
import { makeSampleDistribution } from '../../distro/distribution.ts';
import { type Measurement, measure } from '../measure.ts';
import { measureSlipway, sum } from '../program.ts';
import type { BenchmarkGroup } from '../report.ts';
import { type BenchSetting, repeat } from '../setting.ts';

const byHand = join(import.meta.dirname, '../by-hand.sh');

export async function composeGroup({ runs, work, rpms, tools }: BenchSetting): Promise<BenchmarkGroup> {
  const input = join(work, 'input');
  await mkdir(input, { recursive: true });
  const treefile = await writeHostTreefile(input, rpms);
  const { packages, ref } = (await loadTreefile(treefile)).treefile;
  const names = join(work, 'packages.txt');
  await writeFile(names, `${[...packages, 'slipway-sample-version'].join('\n')}\n`);
  const { folder: newer } = await makeSampleDistribution({ output: join(work, 'newer'), upgrade: true }, tools);
  const changedInput = join(work, 'changed-input');
  await mkdir(changedInput);
  await addPackage(treefile);
  const changedTreefile = await writeHostTreefile(changedInput, newer);
  await addPackage(changedTreefile);

  const own: Record<'commit' | 'image' | 'unchanged' | 'changed', Measurement[]> = {
    ...{ commit: [], image: [], unchanged: [], changed: [] },
  };
  const hand: Record<'commit' | 'image', Measurement[]> = { commit: [], image: [] };
  await repeat(runs, async (number) => {
    const folder = join(work, `slipway-${number}`);
    await mkdir(folder);
    const [repo, cache] = [join(folder, 'repo'), join(folder, 'cache')];
    const compose = (file: string): Promise<Measurement> =>
      measureSlipway(['compose', 'tree', file, '--repo', repo], cache);
    const commit = await compose(treefile);
    const images = ['images', 'build', '--repo', repo, '--ref', ref, '--output', join(folder, 'images')];
    own.commit.push(commit);
    own.image.push(sum(commit, await measureSlipway(images, cache)));
    own.unchanged.push(await compose(treefile));
    own.changed.push(await compose(changedTreefile));

    const handFolder = join(work, `by-hand-${number}`);
    await mkdir(handFolder);
    const handCommit = await measure([byHand, rpms, names, handFolder, 'commit'], {});
    hand.commit.push(handCommit);
    hand.image.push(sum(handCommit, await measure([byHand, rpms, names, handFolder, 'image'], {})));
  });
  return {
    title: 'The sample host',
    explanation: `**With empty caches** the packages lie in an RPM repository on this disk. By hand it is \`test/bench/by-hand.sh\`: \`dnf --installroot\`, dracut and \`ostree commit\` up to the
commit, which is on the disk at the end on both sides; then \`ostree admin deploy\`, mkfs.ext4 and qemu-img up to the qcow2 image. **One package changed** is a new version of one package in the compose after it, against
the same whole job by hand.`,
    series: [
      {
        name: 'to the commit, with empty caches',
        own: own.commit,
        peer: hand.commit,
        goal: { ratio: 0.8, mebibytes: 400 },
      },
      { name: 'to the image, with empty caches', own: own.image, peer: hand.image, goal: { ratio: 1, mebibytes: 300 } },
      {
        name: 'compose again, one package changed',
        own: own.changed,
        peer: hand.commit,
        goal: { ratio: 0.15, mebibytes: 400 },
      },
      { name: 'compose again, nothing changed', own: own.unchanged, peer: [], goal: { seconds: 0.5, mebibytes: 400 } },
    ],
  };
}

async function addPackage(treefile: string): Promise<void> {
  await writeFile(treefile, 'packages: [slipway-sample-version]\n', { flag: 'a' });
}
