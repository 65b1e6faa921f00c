// dnf as the oracle: random requests against a random repository must give the set that dnf gives, or be refused by both. The number
// of requests is 24; SLIPWAY_ORACLE_REQUESTS=500 asks more.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ResolveRequest } from '../../../compose/resolve/request.ts';
import { resolvePackages } from '../../../compose/resolve/resolve.ts';
import { UserError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import { namesIn, quietTools, requestFor, type SmallPackage, writeRepo } from './support/small-repo.ts';

const requestCount = Number(process.env.SLIPWAY_ORACLE_REQUESTS ?? '24');
const packageCount = 80;

/** A small generator (mulberry32), so that a failure can be made again. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Packages that depend on each other in every way: versions, files, rich dependencies, virtual names, conflicts, renames. */
function randomPackages(seed: number): SmallPackage[] {
  const random = randomFrom(seed);
  const name = (): string => `p${random(packageCount)}`;
  const operator = (): string => ['>=', '<=', '=', '<', '>'][random(5)]!;
  const dependency = (): string => {
    const kind = random(14);
    if (kind < 6) return name();
    if (kind < 8) return `${name()} ${random(3) === 0 ? operator() : '>='} ${1 + random(2)}`;
    if (kind === 8) return `virtual${random(8)}`;
    if (kind === 9) return `/usr/bin/${name()}`;
    if (kind === 10) return `/usr/share/${name()}/data`;
    if (kind === 11) return `(${name()} or ${name()})`;
    if (kind === 12) return `(${name()} if ${name()})`;
    return `(${name()} >= 2 or virtual${random(8)})`;
  };
  const some = (chance: number, make: () => string): string[] =>
    random(100) < chance ? Array.from({ length: 1 + random(2) }, make) : [];
  const packages: SmallPackage[] = [];
  for (let index = 0; index < packageCount; index++) {
    const versions = 1 + (random(3) === 0 ? random(3) : 0);
    for (let version = 1; version <= versions; version++) {
      packages.push({
        name: `p${index}`,
        version: `${version}`,
        release: `${1 + random(2)}`,
        ...(random(10) === 0 ? { epoch: 1 } : {}),
        arch: random(3) === 0 ? 'noarch' : 'x86_64',
        requires: some(45, dependency),
        recommends: some(25, name),
        suggests: some(10, name),
        supplements: some(8, name),
        conflicts: some(5, () => `${name()} ${operator()} ${1 + random(3)}`),
        obsoletes: some(6, () => `${name()} < ${1 + random(3)}`),
        provides: [
          ...some(15, () => `virtual${random(8)}`),
          ...some(10, () => `virtual${random(8)} = ${1 + random(3)}`),
        ],
        files: [
          ...(random(4) !== 0 ? [`/usr/bin/p${index}`] : []),
          ...(random(4) !== 0 ? [`/usr/share/p${index}/data`] : []),
        ],
      });
    }
  }
  return packages;
}

function randomRequest(random: (limit: number) => number): string[] {
  const one = (): string => {
    const name = `p${random(packageCount)}`;
    const forms = [
      name,
      name,
      name,
      name,
      `${name} >= 1`,
      `${name}.x86_64`,
      `virtual${random(8)}`,
      `/usr/bin/${name}`,
      `${name}-1*`,
    ];
    return forms[random(forms.length)]!;
  };
  return [...new Set(Array.from({ length: 1 + random(6) }, one))];
}

async function askDnf(folder: string, packages: readonly string[], recommends: boolean): Promise<string[] | null> {
  const argv = [
    'dnf',
    '--config',
    join(folder, 'dnf.conf'),
    '--installroot',
    join(folder, 'root'),
    '--releasever',
    '1',
    '--assumeno',
  ];
  const options = [
    `--setopt=install_weak_deps=${recommends}`,
    '--forcearch',
    'x86_64',
    '--rpmverbosity',
    'error',
    '--debuglevel',
    '2',
  ];
  const { stdout, stderr } = await run([...argv, ...options, 'install', ...packages], {
    okExitCodes: [0, 1],
    env: { HOME: folder, COLUMNS: '400' },
  });
  if (/No match for argument|Problem|Unable to find|conflicting requests|All matches/.test(stderr + stdout))
    return null;
  const rows = [...stdout.matchAll(/^ (\S+) +(x86_64|noarch) +(\S+) +oracle +/gm)];
  const announced = /^Install +(\d+) Packages?$/m.exec(stdout)?.[1];
  if (Number(announced) !== rows.length) throw new Error(`dnf's answer is not understood:\n${stdout}${stderr}`);
  return rows.map(([, name, arch, evr]) => `${name}-${evr}.${arch}`).sort();
}

async function askOurs(request: ResolveRequest): Promise<string[] | null> {
  try {
    return namesIn(await resolvePackages(request, quietTools())).sort();
  } catch (error) {
    if (error instanceof UserError && ['unsolvable', 'package-not-found'].includes(error.code)) return null;
    throw error;
  }
}

test('resolvePackages() chooses the packages that dnf chooses, and refuses what dnf refuses', async (t) => {
  t.timeout(60_000 + requestCount * 20_000, 'dnf takes about a second for each request, more on a busy machine');
  const folder = await mkdtemp(join(tmpdir(), 'slipway-oracle-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const seed = 20_240_101;
  const repo = join(folder, 'repo');
  await writeRepo(repo, randomPackages(seed));
  await mkdir(join(folder, 'empty'));
  const dirs = ['cachedir', 'logdir', 'persistdir'].map((key) => `${key}=${join(folder, key)}`);
  const section = `[oracle]\nname=oracle\nbaseurl=file://${repo}\ngpgcheck=0\n`;
  const main = [
    '[main]',
    'plugins=0',
    'best=1',
    'gpgcheck=0',
    `reposdir=${folder}/empty`,
    `varsdir=${folder}/empty`,
    ...dirs,
  ];
  await writeFile(join(folder, 'dnf.conf'), `${main.join('\n')}\n${section}metadata_expire=never\n`);
  const base = await requestFor(folder, section, ['oracle']);
  const random = randomFrom(seed + 1);
  let solved = 0;
  for (let index = 0; index < requestCount; index++) {
    const packages = randomRequest(random);
    const recommends = index % 2 === 0;
    const expected = await askDnf(folder, packages, recommends);
    t.deepEqual(
      await askOurs({ ...base, packages, recommends }),
      expected,
      `${packages.join(' ')} (recommends ${recommends})`,
    );
    if (expected !== null) solved++;
  }
  t.log(`${requestCount} requests: ${solved} solved equally, ${requestCount - solved} refused by both`);
  t.true(solved >= requestCount / 4, 'the random repository leaves too few requests solvable to prove anything');
});
