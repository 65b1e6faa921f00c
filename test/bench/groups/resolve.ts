// Resolving against tens of thousands of packages, against dnf with the same metadata and requests.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Measurement, measure } from '../measure.ts';
import { measureSlipway } from '../program.ts';
import type { BenchmarkGroup } from '../report.ts';
import { type BenchSetting, repeat } from '../setting.ts';
import { writeLargeRepository } from './large-repository.ts';

const resolveOnce = join(import.meta.dirname, '../resolve-once.ts');

const requests = [
  ...[
    'systemd',
    'openssh-server',
    'podman',
    'ostree',
    'dracut',
    'linux-image-cloud-amd64',
    'chrony',
    'nftables',
    'sudo',
  ],
  ...[
    'curl',
    'git',
    'vim',
    'nginx',
    'postgresql',
    'python3',
    'rsync',
    'tmux',
    'gcc',
    'default-jre-headless',
    'php-fpm',
  ],
];

export async function resolveGroup({ runs, work, tools }: BenchSetting): Promise<BenchmarkGroup> {
  const repository = join(work, 'repository');
  const count = await writeLargeRepository(repository, tools);
  const baseurl = pathToFileURL(repository).href;
  await writeFile(join(work, 'large.repo'), `[large]\nname=large\nbaseurl=${baseurl}\ngpgcheck=0\n`);
  const treefile = { ref: 'bench/resolve', repos: ['large'], packages: requests, recommends: false, container: true };
  await writeFile(join(work, 'host.json'), JSON.stringify(treefile));
  const cache = join(work, 'cache');
  const own = (): Promise<Measurement> =>
    measureSlipway(['compose', 'tree', join(work, 'host.json'), '--repo', join(work, 'repo'), '--dry-run'], cache);
  const alone = (): Promise<Measurement> =>
    measure([process.execPath, resolveOnce, join(work, 'host.json'), cache], {
      NODE_COMPILE_CACHE: join(cache, 'compile'),
    });
  const dnf = (): Promise<Measurement> => measure(dnfArgv(work), {});
  await writeFile(join(work, 'dnf.conf'), dnfConfiguration(work, baseurl));
  await mkdir(join(work, 'empty'));

  const series = { cold: [] as Measurement[], warm: [] as Measurement[], alone: [] as Measurement[] };
  const peers = { cold: [] as Measurement[], warm: [] as Measurement[] };
  await repeat(runs, async () => {
    await rm(cache, { recursive: true, force: true });
    series.cold.push(await own());
    await rm(join(work, 'root', work, 'dnf-cache'), { recursive: true, force: true }); // it puts its folders below its root
    peers.cold.push(await dnf());
    await repeat(3, async () => {
      const forget = (): Promise<void> => rm(join(cache, 'locks'), { recursive: true, force: true });
      await forget(); // else the known answer is taken
      series.warm.push(await own());
      await forget();
      series.alone.push(await alone());
      peers.warm.push(await dnf());
    });
  });
  return {
    title: `Resolving ${requests.length} requests against ${count} packages`,
    explanation: `The metadata is made from Debian's whole package index. Ours is \`slipway compose tree --dry-run\`, the peer \`dnf --assumeno install\`, both with an empty cache
(**cold**) and with parsed metadata in the cache (**warm**); what is known of the answer is removed before each warm run.`,
    series: [
      { name: 'cold', own: series.cold, peer: peers.cold, goal: { ratio: 0.2, mebibytes: 400 } },
      { name: 'warm', own: series.warm, peer: peers.warm, goal: { ratio: 0.6, mebibytes: 400 } },
      {
        name: 'warm, the resolver without the command line',
        own: series.alone,
        peer: peers.warm,
        goal: { ratio: 0.6, mebibytes: 400 },
      },
    ],
  };
}

function dnfConfiguration(work: string, baseurl: string): string {
  const folders = ['cachedir', 'logdir', 'persistdir'].map((name) => `${name}=${join(work, 'dnf-cache', name)}`);
  const empty = ['varsdir', 'reposdir'].map((name) => `${name}=${join(work, 'empty')}`);
  const main = [
    '[main]',
    'plugins=0',
    'gpgcheck=0',
    'install_weak_deps=0',
    'metadata_expire=never',
    ...folders,
    ...empty,
  ];
  return [...main, '[large]', 'name=large', `baseurl=${baseurl}`, ''].join('\n');
}

// dnf ends with status 1 after its "Operation aborted".
function dnfArgv(work: string): string[] {
  const options = [`--config=${join(work, 'dnf.conf')}`, `--installroot=${join(work, 'root')}`, '--releasever=13'];
  const argv = ['dnf', '--quiet', '--assumeno', ...options, 'install', ...requests];
  return ['sh', '-c', '"$@"; [ $? = 1 ]', 'sh', ...argv];
}
