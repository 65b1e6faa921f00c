// `npm run bench [-- --runs N]`: measures Slipway against the same job by hand and writes docs/benchmarks.md. Needs root, as by hand does.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeHostTreefile } from '../../cli/demo/host-treefile.ts';
import { plainLines } from '../../cli/views/plain.ts';
import { loadTreefile } from '../../compose/treefile/load.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { makeSampleDistribution } from '../distro/distribution.ts';
import { writeIncludeTree } from './include-tree.ts';
import { type Measurement, measure } from './measure.ts';
import { benchmarkPage, type Series } from './report.ts';
import { measureConversion } from './sample.ts';

const program = join(import.meta.dirname, '../../cli/main.ts');
const launcher = join(import.meta.dirname, '../../slipway');
const byHand = join(import.meta.dirname, 'by-hand.sh');
const page = join(import.meta.dirname, '../../docs/benchmarks.md');
const work = join(cacheDirectory(), 'bench');

const { runs } = parseArgs({ options: { runs: { type: 'string', default: '3' } } }).values;
await bench(Number(runs));

async function bench(runs: number): Promise<void> {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const { treefile, rpms } = await makeInput();
  const packages = join(work, 'packages.txt');
  await writeFile(packages, `${(await loadTreefile(treefile)).treefile.packages.join('\n')}\n`);

  // As a user starts it: by the launcher, not for the first time, so that the compiled modules are in the cache.
  const show = [launcher, 'treefile', 'show', await writeIncludeTree(join(work, 'include-tree'))];
  const showEnv = { SLIPWAY_CACHE: join(work, 'include-tree', 'cache') };
  await measure(show, showEnv);

  const converted: Measurement[] = [];
  const whole: Measurement[] = [];
  const hand: Measurement[] = [];
  const unchanged: Measurement[] = [];
  const shown: Measurement[] = [];
  for (let turn = 1; turn <= runs; turn++) {
    const folder = join(work, 'slipway');
    const env = { SLIPWAY_CACHE: join(folder, 'cache') };
    await mkdir(folder, { recursive: true });
    const compose = [process.execPath, program, 'compose', 'tree', treefile, '--repo', join(folder, 'repo')];
    const { ref } = (await loadTreefile(treefile)).treefile;
    const images = [
      'images',
      'build',
      '--repo',
      join(folder, 'repo'),
      '--ref',
      ref,
      '--output',
      join(folder, 'images'),
    ];
    whole.push(sum(await measure(compose, env), await measure([process.execPath, program, ...images], env)));
    unchanged.push(await measure(compose, env));
    shown.push(await measure(show, showEnv));
    converted.push(await measureConversion(join(folder, 'sample')));
    await rm(folder, { recursive: true, force: true });

    const handFolder = join(work, 'by-hand');
    await mkdir(handFolder, { recursive: true });
    hand.push(await measure([byHand, rpms, packages, handFolder], {}));
    await rm(handFolder, { recursive: true, force: true });
    console.error(
      `run ${turn}: Slipway ${whole.at(-1)!.seconds.toFixed(1)} s, by hand ${hand.at(-1)!.seconds.toFixed(1)} s`,
    );
  }
  const series = [
    seriesOf('the whole job', whole, hand, 'not slower than by hand, under 300 MiB'),
    seriesOf('compose again, nothing changed', unchanged, [], 'under 1 s'),
    seriesOf('`./slipway treefile show` of 25 files that include each other, whole process', shown, [], 'under 150 ms'),
    seriesOf('the sample distribution out of downloaded Debian packages', converted, [], 'under 15 s'),
  ];
  const text = benchmarkPage(series, await machine());
  await writeFile(page, text);
  await rm(work, { recursive: true, force: true });
  console.log(text);
}

async function makeInput(): Promise<{ treefile: string; rpms: string }> {
  const events = new Events();
  const format = plainLines({ color: false, debug: false, steps: true });
  events.listen((event) => {
    const line = format(event);
    if (line !== '') console.error(line);
  });
  const output = join(cacheDirectory(), 'sample', 'trixie');
  const { folder } = await makeSampleDistribution({ output }, { events, signal: new AbortController().signal });
  return { treefile: await writeHostTreefile(join(work, 'input'), folder), rpms: folder };
}

function seriesOf(name: string, own: readonly Measurement[], peer: readonly Measurement[], goal: string): Series {
  return {
    name,
    seconds: own.map((one) => one.seconds),
    peerSeconds: peer.map((one) => one.seconds),
    peakNodeBytes: Math.max(...own.map((one) => one.peakNodeBytes)),
    goal,
  };
}

function sum(a: Measurement, b: Measurement): Measurement {
  return { seconds: a.seconds + b.seconds, peakNodeBytes: Math.max(a.peakNodeBytes, b.peakNodeBytes) };
}

async function machine() {
  const release = /^PRETTY_NAME="(.*)"$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  const ostree = /'([\d.]+)'/.exec((await run(['ostree', '--version'])).stdout)?.[1] ?? '?';
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    versions: [release, `Node ${process.versions.node}`, `ostree ${ostree}`],
  };
}
