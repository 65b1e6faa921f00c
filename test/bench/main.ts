// `npm run bench [-- --runs N] [--only GROUP] [--write]`: measures Slipway against the same work by others. Needs root, as by hand does.
// Ends with status 1 when a goal is missed; --write puts the figures into docs/benchmarks.md.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { plainLines } from '../../cli/views/plain.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { makeSampleDistribution } from '../distro/distribution.ts';
import { bootGroup } from './groups/boot.ts';
import { composeGroup } from './groups/compose.ts';
import { growthGroup } from './groups/growth.ts';
import { resolveGroup } from './groups/resolve.ts';
import { sampleGroup } from './groups/sample.ts';
import { treefileGroup } from './groups/treefile.ts';
import { type BenchmarkGroup, benchmarkPage, type Machine, missedGoals } from './report.ts';

const page = join(import.meta.dirname, '../../docs/benchmarks.md');
const work = join(cacheDirectory(), 'bench');
const groups = {
  compose: composeGroup,
  resolve: resolveGroup,
  growth: growthGroup,
  treefile: treefileGroup,
  boot: bootGroup,
  sample: sampleGroup,
};

const options = {
  runs: { type: 'string', default: '3' },
  only: { type: 'string', multiple: true, default: Object.keys(groups) },
  write: { type: 'boolean', default: false },
} as const;
const { values } = parseArgs({ options });
process.exitCode = await bench(Number(values.runs), values.only, values.write);

async function bench(runs: number, only: readonly string[], write: boolean): Promise<number> {
  const tools = { events: progress(), signal: new AbortController().signal };
  const output = join(cacheDirectory(), 'sample', 'trixie');
  const { folder: rpms } = await makeSampleDistribution({ output }, tools);
  await rm(work, { recursive: true, force: true });
  const measured: BenchmarkGroup[] = [];
  for (const [name, group] of Object.entries(groups)) {
    if (!only.includes(name)) continue;
    const folder = join(work, name);
    await mkdir(folder, { recursive: true });
    console.error(`${name} …`);
    measured.push(await group({ runs, work: folder, rpms, tools }));
  }
  await rm(work, { recursive: true, force: true });
  const text = benchmarkPage(measured, await machine());
  console.log(text);
  if (write) await writeFile(page, text);
  return measured.some(({ series }) => series.some((one) => missedGoals(one).length > 0)) ? 1 : 0;
}

function progress(): Events {
  const events = new Events();
  const format = plainLines({ color: false, debug: false, steps: true });
  events.listen((event) => {
    const line = format(event);
    if (line !== '') console.error(line);
  });
  return events;
}

async function machine(): Promise<Machine> {
  const release = /^PRETTY_NAME="(.*)"$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  const ostree = /'([\d.]+)'/.exec((await run(['ostree', '--version'])).stdout)?.[1] ?? '?';
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    versions: [release, `Node ${process.versions.node}`, `ostree ${ostree}`],
  };
}
