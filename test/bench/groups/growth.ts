// How time and memory grow with the number of packages: composes of 100 to 800 packages of one real size.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type RpmSpec, rpmFileName } from '../../../lib/rpm/spec.ts';
import { writeRpm } from '../../../lib/rpm/write.ts';
import { run } from '../../../lib/run.ts';
import type { Measurement } from '../measure.ts';
import { measureSlipway } from '../program.ts';
import type { BenchmarkGroup } from '../report.ts';
import { type BenchSetting, repeat } from '../setting.ts';

const counts = [100, 200, 400, 800];
const filesPerPackage = 40;
/** Linear growth gives 8; more than that by a tenth of it is a defect. */
const mostGrowth = 8.8;

export async function growthGroup({ runs, work }: BenchSetting): Promise<BenchmarkGroup> {
  const measured = new Map<number, Measurement[]>(counts.map((count) => [count, []]));
  for (const count of counts) await writeDistribution(join(work, String(count)), count);
  await repeat(runs, async (number) => {
    for (const count of counts) {
      const folder = join(work, String(count));
      const places = ['--repo', join(folder, `repo-${number}`)];
      const args = ['compose', 'tree', join(folder, 'host.json'), ...places];
      measured.get(count)!.push(await measureSlipway(args, join(folder, `cache-${number}`)));
    }
  });
  const smallest = measured.get(counts[0]!)!;
  return {
    title: 'Growth',
    explanation: `Composes with empty caches of trees without kernel, ${filesPerPackage} files in each package. The peer of each row is the row of ${counts[0]} packages; linear growth from ${counts[0]} to
${counts.at(-1)} is a ratio of ${counts.at(-1)! / counts[0]!}.`,
    series: counts.map((count) => ({
      name: `${count} packages`,
      own: measured.get(count)!,
      peer: count === counts[0] ? [] : smallest,
      goal: { mebibytes: 400, ...(count === counts.at(-1) ? { ratio: mostGrowth } : {}) },
    })),
  };
}

async function writeDistribution(folder: string, count: number): Promise<void> {
  const rpms = join(folder, 'rpms');
  await mkdir(rpms, { recursive: true });
  for (let number = 0; number < count; number++) {
    const spec = packageNumber(number);
    await writeRpm(join(rpms, rpmFileName(spec)), spec);
  }
  await run(['createrepo_c', '--quiet', rpms]);
  await writeFile(
    join(folder, 'growth.repo'),
    `[growth]\nname=growth\nbaseurl=${pathToFileURL(rpms).href}\ngpgcheck=0\n`,
  );
  const names = Array.from({ length: count }, (_, number) => packageNumber(number).name);
  const treefile = { ref: 'bench/growth', repos: ['growth'], packages: names, container: true, selinux: false };
  await writeFile(join(folder, 'host.json'), JSON.stringify(treefile));
}

function packageNumber(number: number): RpmSpec {
  const name = `package-${number}`;
  const file = (index: number): string => `${name} ${index}\n`.repeat(200 + ((number * 7 + index * 13) % 400));
  return {
    ...{ name, version: '1', release: '1', arch: 'noarch', compressor: 'zstd' },
    requires: number === 0 ? [] : [{ name: `package-${Math.floor(number / 2)}` }],
    files: [
      ...(number === 0 ? accounts : []),
      { type: 'directory', path: `/usr/share/${name}` },
      ...Array.from({ length: filesPerPackage }, (_, index) => ({
        ...{ type: 'file' as const, path: `/usr/share/${name}/file-${index}`, content: file(index) },
      })),
    ],
  };
}

const accounts: NonNullable<RpmSpec['files']> = [
  { type: 'file', path: '/etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\n' },
  { type: 'file', path: '/etc/group', content: 'root:x:0:\n' },
  { type: 'file', path: '/usr/lib/os-release', content: 'ID=bench\n' },
];
