// A worker thread that converts one Debian package after the other.

import { readFile, utimes } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { sha256 } from '../../../lib/documents.ts';
import { writeRpm } from '../../../lib/rpm/write.ts';
import { readDeb } from '../archive/deb.ts';
import { convertDeb, packageTime } from './convert.ts';

export interface ConversionOrder {
  readonly name: string;
  readonly debFile: string;
  /** Digest that the file must have. */
  readonly sha256: string;
  /** Where the RPM goes. */
  readonly rpmFile: string;
  readonly virtualNames: readonly string[];
}

export type ConversionOutcome =
  | { readonly type: 'done' }
  /** The package is not what the index says: the download is damaged. */
  | { readonly type: 'damaged' }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string };

async function convert(order: ConversionOrder): Promise<ConversionOutcome> {
  const bytes = await readFile(order.debFile);
  if (sha256(bytes) !== order.sha256) return { type: 'damaged' };
  await writeRpm(order.rpmFile, convertDeb(await readDeb(bytes), new Set(order.virtualNames)));
  // The repository's metadata holds the files' times.
  await utimes(order.rpmFile, packageTime, packageTime);
  return { type: 'done' };
}

parentPort?.on('message', async (order: ConversionOrder) => {
  let outcome: ConversionOutcome;
  try {
    outcome = await convert(order);
  } catch (error) {
    outcome = { type: 'failed', message: (error as Error).message, stack: (error as Error).stack ?? '' };
  }
  parentPort?.postMessage(outcome);
});
