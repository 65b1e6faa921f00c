// Lays out the RPM repository: packages by hard link from the cache, metadata, a .repo file and a word on what it is.

import { copyFile, link, mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DocumentHeader, readDocument, sha256, stepId, writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { temporaryNameBeside } from '../../lib/files.ts';
import { encodeRpm, type RpmSpec, rpmFileName } from '../../lib/rpm/write.ts';
import { run } from '../../lib/run.ts';
import type { Tools } from './archive/apt.ts';
import { packageTime } from './convert/convert.ts';
import type { RpmOnDisk } from './convert/convert-all.ts';

/** What a finished repository says of itself, in its folder. */
interface RepositoryDocument extends DocumentHeader {
  readonly kind: 'sample-distribution';
  readonly version: 1;
  /** Equal ids: equal bytes. */
  readonly id: string;
  readonly suite: string;
  /** File names of all packages. */
  readonly packages: readonly string[];
}

export interface RepositoryContent {
  readonly suite: string;
  /** Packages that are made already. */
  readonly files: readonly RpmOnDisk[];
  /** Packages to write. */
  readonly own: readonly RpmSpec[];
}

const documentName = 'sample-distribution.json';

/**
 * Makes the folder, or leaves it when it holds the same packages. It is built beside its name and then put in place.
 * @throws UserError `not-ours` when the folder is there and was not made by this function
 */
export async function writeRepository(folder: string, content: RepositoryContent, tools: Tools): Promise<void> {
  await tools.events.step('Write the repository', async (step) => {
    const own = await Promise.all(
      content.own.map(async (spec) => ({ fileName: rpmFileName(spec), bytes: await encodeRpm(spec) })),
    );
    const packages = [...content.files, ...own].map(({ fileName }) => fileName).sort();
    const inputs = [...content.files, ...own.map(({ bytes }) => ({ id: sha256(bytes) }))].map(({ id }) => id);
    const id = stepId('sample-repository', { packages, folder }, inputs.sort());
    step.detail(`${packages.length} packages`);
    if ((await idOf(folder)) === id) return step.reused();
    const building = temporaryNameBeside(folder);
    try {
      await mkdir(building, { recursive: true });
      for (const { file, fileName } of content.files) await linkOrCopy(file, join(building, fileName));
      for (const { fileName, bytes } of own) await writeTimed(join(building, fileName), bytes);
      await run(createrepoArgv(building), { events: tools.events, signal: tools.signal });
      await writeFile(join(building, 'sample.repo'), repoFileText(folder, content.suite));
      await writeFile(join(building, 'README'), readmeText(content.suite));
      const document: RepositoryDocument = {
        kind: 'sample-distribution',
        version: 1,
        id,
        suite: content.suite,
        packages,
      };
      await writeDocument(join(building, documentName), document);
      await putInPlace(building, folder);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
  });
}

/** Fixed times and gzip, whatever this createrepo_c prefers: the same packages give the same metadata. */
export function createrepoArgv(folder: string): string[] {
  return [
    'createrepo_c',
    '--quiet',
    '--no-database',
    '--general-compress-type=gz',
    `--revision=${packageTime}`,
    '--set-timestamp-to-revision',
    `--workers=${availableParallelism()}`,
    folder,
  ];
}

export function repoFileText(folder: string, suite: string): string {
  return [
    '# A sample for tests and demonstrations of Slipway, made on this machine: Debian packages as RPMs.',
    '# They are not signed (gpgcheck=0): the archive that they come from is, and it was checked when they were made.',
    '[slipway-sample]',
    `name=Slipway sample distribution (Debian ${suite})`,
    `baseurl=${pathToFileURL(folder)}`, // a space would end the URL
    'enabled=1',
    'gpgcheck=0',
    '',
  ].join('\n');
}

function readmeText(suite: string): string {
  return [
    `RPMs made from Debian ${suite} on this machine: input for tests and demonstrations of Slipway, not a distribution to run.`,
    'A treefile beside a copy of sample.repo can name the repository slipway-sample.',
    '',
  ].join('\n');
}

async function idOf(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder).catch((): string[] => []);
  if (entries.length === 0) return undefined;
  if (!entries.includes(documentName)) {
    throw new UserError('not-ours', `${folder} holds other files`, { hint: 'name an empty or a new folder' });
  }
  return (await readDocument<RepositoryDocument>(join(folder, documentName), 'sample-distribution', 1)).id;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to);
    await utimes(to, packageTime, packageTime);
  }
}

async function writeTimed(path: string, bytes: Buffer): Promise<void> {
  await writeFile(path, bytes);
  await utimes(path, packageTime, packageTime);
}

/** Moves a finished folder to its name, in place of what is there; of two runs at once the later one stands. */
export async function putInPlace(building: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  for (let isPlaced = false; !isPlaced; ) {
    const old = temporaryNameBeside(folder);
    await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    isPlaced = await rename(building, folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        // Another run has put its own there meanwhile.
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
        return false;
      },
    );
    await rm(old, { recursive: true, force: true });
  }
}
