// What all groups of the benchmark work with.

import type { WorkerTools } from '../../lib/namespace.ts';

export interface BenchSetting {
  /** How often each command is measured. */
  readonly runs: number;
  /**
   * Empty folder of the group. What lies in it is removed when all has been measured: for some minutes ext4 avoids the inodes of removed files,
   * and makes new ones many times slower meanwhile.
   */
  readonly work: string;
  /** The sample RPM repository, with both versions of the package slipway-sample-version apart. */
  readonly rpms: string;
  readonly tools: WorkerTools;
}

/** Calls `turn` with 1 to `runs`, one after the other. */
export async function repeat(runs: number, turn: (number: number) => Promise<void>): Promise<void> {
  for (let number = 1; number <= runs; number++) await turn(number);
}
