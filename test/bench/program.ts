// The commands of ours that are measured, as a user starts them: by the launcher.

import { join } from 'node:path';
import { type Measurement, measure } from './measure.ts';

export const launcher = join(import.meta.dirname, '../../slipway');

/** Measures `./slipway ...args` with its caches in `cache`. */
export async function measureSlipway(args: readonly string[], cache: string): Promise<Measurement> {
  return measure([launcher, ...args], { SLIPWAY_CACHE: cache, SLIPWAY_SETUP: 'skip' });
}

/** One command after the other, as one. */
export function sum(...parts: readonly Measurement[]): Measurement {
  return {
    seconds: parts.reduce((seconds, part) => seconds + part.seconds, 0),
    peakNodeBytes: Math.max(...parts.map((part) => part.peakNodeBytes)),
  };
}
