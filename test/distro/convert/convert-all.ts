// Debian packages -> RPMs in a cache that names them by what they were made from: the package, the converter and its tools.

import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sha256, stepId } from '../../../lib/documents.ts';
import { Cancelled, UserError } from '../../../lib/errors.ts';
import { rpmFileName } from '../../../lib/rpm/spec.ts';
import type { Tools } from '../archive/apt.ts';
import type { DebPackage } from '../archive/closure.ts';
import { batchesOf, debFile } from '../archive/download.ts';
import { rpmArchitectures } from './convert.ts';
import { dependenciesFromDebian, evrFromDebian, virtualNames } from './dependencies.ts';
import type { ConversionOrder, ConversionOutcome } from './worker.ts';

/** An RPM that is ready for the repository. */
export interface RpmOnDisk {
  /** Name in the repository. */
  readonly fileName: string;
  /** Absolute path. */
  readonly file: string;
  /** Equal ids: equal bytes. */
  readonly id: string;
}

export interface ConversionFolders {
  readonly debs: string;
  readonly rpms: string;
}

// More than four would wait for each other's memory: the largest packages unpack to 100 MB.
const mostWorkers = 4;

/** Modules that decide the bytes of a converted package, relative to this folder. */
export const converterSources: readonly string[] = [
  ...['adjustments', 'convert', 'dependencies', 'paths', 'worker'].map((name) => `./${name}.ts`),
  ...['control', 'deb', 'tar', 'xz'].map((name) => `../archive/${name}.ts`),
  '../packages/users.ts',
  ...[
    'spec',
    'tags',
    'write',
    'write-dependencies',
    'write-files',
    'write-header',
    'write-payload',
    'write-scripts',
  ].map((name) => `../../../lib/rpm/${name}.ts`),
];

/**
 * Converts the packages that are not in the cache yet, on all processors.
 * @throws UserError `deb-damaged` when a download has changed on disk; it is removed, so that the next run fetches it again
 */
export async function convertAll(
  debs: readonly DebPackage[],
  folders: ConversionFolders,
  tools: Tools,
): Promise<RpmOnDisk[]> {
  await mkdir(folders.rpms, { recursive: true });
  const converter = await converterDigest();
  const virtual = virtualNames(debs);
  const planned = debs.map((deb) => {
    const relevant = [...dependenciesFromDebian(deb.conflicts), ...dependenciesFromDebian(deb.breaks)]
      .map(({ name }) => name)
      .filter((name) => virtual.has(name));
    const id = stepId('convert-deb', { converter, virtual: relevant }, [deb.sha256]);
    return {
      deb,
      virtualNames: relevant,
      rpm: { id, fileName: fileNameOf(deb), file: join(folders.rpms, `${id}.rpm`) },
    };
  });
  await tools.events.step('Convert to RPMs', async (step) => {
    const missing: ConversionOrder[] = [];
    for (const { deb, virtualNames, rpm } of planned) {
      if (await isThere(rpm.file)) continue;
      missing.push({
        name: deb.name,
        debFile: debFile(folders.debs, deb),
        size: deb.size,
        sha256: deb.sha256,
        rpmFile: rpm.file,
        virtualNames,
      });
    }
    if (missing.length === 0) step.reused();
    step.detail(`${missing.length === 0 ? debs.length : missing.length} packages`);
    await convertInWorkers(missing, tools, (done) => step.progress(done, missing.length, 'packages'));
  });
  return planned.map(({ rpm }) => rpm);
}

function fileNameOf(deb: DebPackage): string {
  return rpmFileName({
    name: deb.name,
    ...evrFromDebian(deb.version),
    arch: rpmArchitectures[deb.architecture] ?? deb.architecture,
  });
}

async function convertInWorkers(
  orders: readonly ConversionOrder[],
  tools: Tools,
  onProgress: (done: number) => void,
): Promise<void> {
  // The largest first, so that no processor ends with the kernel alone.
  const queue = batchesOf(orders);
  let done = 0;
  const workers = Array.from(
    { length: Math.min(mostWorkers, availableParallelism(), queue.length) },
    () => new Worker(new URL('./worker.ts', import.meta.url)),
  );
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let batch = queue.pop(); batch !== undefined; batch = queue.pop()) {
          await settle(await ask(worker, batch, tools.signal));
          done += batch.length;
          onProgress(done);
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, batch: readonly ConversionOrder[], signal: AbortSignal): Promise<ConversionOutcome> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Cancelled());
    const stop = (): void => reject(new Cancelled());
    signal.addEventListener('abort', stop, { once: true });
    worker.once('error', reject);
    worker.once('message', (outcome: ConversionOutcome) => {
      signal.removeEventListener('abort', stop);
      worker.off('error', reject);
      resolve(outcome);
    });
    worker.postMessage(batch);
  });
}

async function settle(outcome: ConversionOutcome): Promise<void> {
  switch (outcome.type) {
    case 'done':
      return;
    case 'damaged': {
      const { name, debFile } = outcome.order;
      await rm(debFile, { force: true });
      throw new UserError('deb-damaged', `the download of ${name} is damaged and was removed`, { hint: 'try again' });
    }
    case 'failed': {
      const error = new Error(outcome.message);
      error.stack = outcome.stack;
      throw error;
    }
  }
}

/** Digest of everything beside the package that decides the bytes of its RPM. */
async function converterDigest(): Promise<string> {
  const sources = converterSources.map((path) => readFile(new URL(path, import.meta.url), 'utf8'));
  const compressors = [process.versions.zstd ?? '', process.versions.zlib ?? ''];
  return sha256([...compressors, ...(await Promise.all(sources))].join('\0'));
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
