// Random numbers from a seed: the same seed gives the same numbers on every machine and in every version, so a failure can be run again.

import { createHash } from 'node:crypto';

export interface Random {
  /** From 0 to less than 1. */
  next(): number;
  /** A whole number from 0 to less than `limit`. */
  below(limit: number): number;
}

/**
 * SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014) started from the hash of the seed, of which
 * the upper 53 bits are used.
 */
export function seededRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readBigUInt64LE(0);
  const next = (): number => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    mixed ^= mixed >> 31n;
    return Number(mixed >> 11n) / 2 ** 53;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}
