// The sample distribution from end to end: Debian's signed index -> closure -> packages -> RPMs -> repository.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import { sha256 } from '../../lib/documents.ts';
import { makeAptFolders, type Tools } from './archive/apt.ts';
import { resolveClosure } from './archive/closure.ts';
import { downloadDebs } from './archive/download.ts';
import { convertAll } from './convert/convert-all.ts';
import { agentPackages } from './packages/agent.ts';
import { filesystemPackage, setupPackage } from './packages/base.ts';
import { configPackage } from './packages/config.ts';
import { ignitionPackage } from './packages/ignition.ts';
import { releasePackage, type Suite, versionPackage } from './packages/release.ts';
import { writeRepository } from './repository.ts';

export interface SampleOptions {
  /** Folder that becomes the repository; made again whole when its content changes. */
  readonly output: string;
  readonly suite?: Suite;
  /** Adds version 2 of the package slipway-sample-version, so that a host of version 1 has something to upgrade to. */
  readonly upgrade?: boolean;
  /** Adds more-packages.txt: what the shipped treefiles of docker and Kubernetes hosts name. Without, it is enough for container-host. */
  readonly allHosts?: boolean;
  /** Debian packages to hold beside those of the lists, with all that they need. */
  readonly packages?: readonly string[];
  /** Asks the archive for its index even when the one here is young. */
  readonly refresh?: boolean;
  /** Base URI of a Debian mirror; default: the one in this machine's apt sources. */
  readonly mirror?: string;
}

export interface SampleDistribution {
  /** Absolute path of the repository. */
  readonly folder: string;
  /** Absolute path of a file for a treefile's folder; the repository's id in it is `slipway-sample`. */
  readonly repoFile: string;
  readonly suite: Suite;
  readonly packageCount: number;
}

/**
 * Makes the repository. The second call for the same packages takes everything from caches and needs no network for a day.
 * @throws UserError when this machine has no apt or no Debian mirror, or the archive cannot be reached
 */
export async function makeSampleDistribution(options: SampleOptions, tools: Tools): Promise<SampleDistribution> {
  const suite = options.suite ?? 'trixie';
  const folder = resolve(options.output);
  const work = join(cacheDirectory(), 'sample-distribution');
  // What is known of one mirror must not be taken for another's.
  const archiveFolder = join(
    work,
    options.mirror === undefined ? suite : `${suite}-${sha256(options.mirror).slice(0, 12)}`,
  );
  const closure = await tools.events.step('Resolve Debian packages', async (step) => {
    const found = await resolveClosure(
      {
        suite,
        packages: await wantedPackages(suite, options),
        mirror: options.mirror ?? null,
        refresh: options.refresh ?? false,
        folder: archiveFolder,
      },
      tools,
    );
    step.detail(`${found.packages.length} packages of ${suite}`);
    return found;
  });
  const folders = { debs: join(cacheDirectory(), 'debs'), rpms: join(work, 'rpms') };
  await downloadDebs(closure.packages, folders.debs, await makeAptFolders(join(archiveFolder, 'apt')), tools);
  const converted = await convertAll(closure.packages, folders, tools);
  const own = [
    setupPackage(),
    filesystemPackage(),
    releasePackage(suite),
    configPackage(),
    ignitionPackage(),
    versionPackage(1),
    ...(options.upgrade === true ? [versionPackage(2)] : []),
  ];
  const agentFolder = await mkdtemp(join(work, 'agent-'));
  try {
    const files = [...converted, ...(await agentPackages(agentFolder, tools))];
    await writeRepository(folder, { suite, files, own }, tools);
    return { folder, repoFile: join(folder, 'sample.repo'), suite, packageCount: files.length + own.length };
  } finally {
    await rm(agentFolder, { recursive: true, force: true });
  }
}

/** Names of the lists that a suite does not have: there, another package of the lists holds the same. */
const missingIn: Readonly<Record<Suite, readonly string[]>> = {
  trixie: [],
  bookworm: ['docker-cli', 'systemd-repart'],
};

/** The Debian packages that the closure starts from, sorted. */
async function wantedPackages(suite: Suite, options: SampleOptions): Promise<string[]> {
  const lists = options.allHosts === true ? ['packages.txt', 'more-packages.txt'] : ['packages.txt'];
  const usual = (await Promise.all(lists.map(readList))).flat().filter((name) => !missingIn[suite].includes(name));
  return [...new Set([...usual, ...(options.packages ?? [])])].sort();
}

/** The names of a list in this folder, which has one a line. */
async function readList(file: string): Promise<string[]> {
  return (await readFile(new URL(file, import.meta.url), 'utf8')).split('\n').filter((name) => name !== '');
}
