// Fetches Debian packages into a folder that names them by digest. apt's own helper does the transfer, so that the machine's
// proxies, certificates and kinds of mirror hold; it checks each file against the digest of the signed index.

import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { temporaryNameBeside } from '../../../lib/files.ts';
import { type AptFolders, aptOptions, runApt, type Tools } from './apt.ts';
import type { DebPackage } from './closure.ts';

/** apt fetches one file after the other from a host, so several helpers run beside each other. */
const parallelTransfers = 6;
const batchBytes = 4 * 1024 * 1024;
const attempts = 3;

/** Path of a package in the folder of downloads. */
export function debFile(folder: string, deb: Pick<DebPackage, 'sha256'>): string {
  return join(folder, `${deb.sha256}.deb`);
}

/**
 * Fetches the packages that are not there yet; finished ones stay when a later one fails.
 * @throws UserError `download-failed` naming the package.
 */
export async function downloadDebs(
  debs: readonly DebPackage[],
  folder: string,
  apt: AptFolders,
  tools: Tools,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const missing: DebPackage[] = [];
  for (const deb of debs) if (!(await isThere(debFile(folder, deb), deb.size))) missing.push(deb);
  await tools.events.step('Download Debian packages', async (step) => {
    const total = sizeOf(missing);
    if (missing.length === 0) step.reused();
    step.detail(
      missing.length === 0 ? `${debs.length} packages` : `${missing.length} packages, ${Math.round(total / 1e6)} MB`,
    );
    let done = 0;
    const batches = batchesOf(missing);
    const work = async (): Promise<void> => {
      for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
        await fetchBatch(batch, folder, apt, tools);
        done += sizeOf(batch);
        step.progress(done, total, 'bytes');
      }
    };
    await Promise.all(Array.from({ length: parallelTransfers }, work));
  });
}

/** Splits into batches of a few megabytes, large items last so that `pop()` takes them first. */
export function batchesOf<T extends { readonly size: number }>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const item of [...items].sort((a, b) => a.size - b.size)) {
    if (size + item.size > batchBytes) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)!.push(item);
    size += item.size;
  }
  return batches;
}

async function fetchBatch(batch: readonly DebPackage[], folder: string, apt: AptFolders, tools: Tools): Promise<void> {
  const transfers = batch.map((deb) => ({ deb, temporary: temporaryNameBeside(debFile(folder, deb)) }));
  try {
    await withRetries(() => runApt(downloadArgv(transfers, apt), tools));
    for (const { deb, temporary } of transfers) await rename(temporary, debFile(folder, deb));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError(
      'download-failed',
      `${batch.map((deb) => deb.name).join(', ')} cannot be fetched: ${reasonOf(error)}`,
      {
        hint: 'check the network and try again; if the archive has moved on, add --refresh',
        cause: error,
      },
    );
  } finally {
    for (const { temporary } of transfers) {
      await rm(temporary, { force: true });
      await rm(`${temporary}.FAILED`, { force: true });
    }
  }
}

/** apt-helper(1) goes on with a part that an earlier attempt left. */
export function downloadArgv(
  transfers: readonly { readonly deb: Pick<DebPackage, 'url' | 'sha256'>; readonly temporary: string }[],
  apt: AptFolders,
): string[] {
  const files = transfers.flatMap(({ deb, temporary }) => [deb.url, temporary, `SHA256:${deb.sha256}`]);
  return ['/usr/lib/apt/apt-helper', ...aptOptions(apt), 'download-file', ...files];
}

async function withRetries(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof ToolError) || attempt === attempts) throw error;
    }
  }
}

async function isThere(file: string, size: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.size === size;
}

function sizeOf(debs: readonly DebPackage[]): number {
  return debs.reduce((sum, deb) => sum + deb.size, 0);
}

function reasonOf(error: ToolError): string {
  const line = error.output.split('\n').findLast((candidate) => candidate.startsWith('E: '));
  return line === undefined ? error.message : line.slice(3);
}
