// A worker thread that converts Debian packages, a few at a time.

import { readFile, rename, rm, utimes } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { sha256 } from '../../../lib/documents.ts';
import { temporaryNameBeside } from '../../../lib/files.ts';
import { type RpmSpec, writeRpm } from '../../../lib/rpm/write.ts';
import { readDebs } from '../archive/deb.ts';
import { convertDeb, packageTime } from './convert.ts';

export interface ConversionOrder {
  readonly name: string;
  readonly debFile: string;
  /** Size in bytes and digest that the file must have. */
  readonly size: number;
  readonly sha256: string;
  /** Where the RPM goes. */
  readonly rpmFile: string;
  readonly virtualNames: readonly string[];
}

export type ConversionOutcome =
  | { readonly type: 'done' }
  /** A package is not what the index says: the download is damaged. */
  | { readonly type: 'damaged'; readonly order: ConversionOrder }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string };

async function convert(orders: readonly ConversionOrder[]): Promise<ConversionOutcome> {
  const packages: Buffer[] = [];
  for (const order of orders) {
    const bytes = await readFile(order.debFile);
    if (sha256(bytes) !== order.sha256) return { type: 'damaged', order };
    packages.push(bytes);
  }
  const debs = await readDebs(packages);
  for (const [index, { rpmFile, virtualNames }] of orders.entries()) {
    await writeTimedRpm(rpmFile, convertDeb(debs[index]!, new Set(virtualNames)));
  }
  return { type: 'done' };
}

/** The repository's metadata holds the files' times, so a file gets its name when its time is right. */
export async function writeTimedRpm(rpmFile: string, spec: RpmSpec): Promise<void> {
  const temporary = temporaryNameBeside(rpmFile);
  try {
    await writeRpm(temporary, spec);
    await utimes(temporary, packageTime, packageTime);
    await rename(temporary, rpmFile);
  } finally {
    await rm(temporary, { force: true });
  }
}

parentPort?.on('message', async (orders: readonly ConversionOrder[]) => {
  let outcome: ConversionOutcome;
  try {
    outcome = await convert(orders);
  } catch (error) {
    outcome = { type: 'failed', message: (error as Error).message, stack: (error as Error).stack ?? '' };
  }
  parentPort?.postMessage(outcome);
});
