// Versions as a dependency states them, such as `>= 2.0`, and whether two such statements have a version in common (rpmds(3), rpmver.c).

import { compareParts } from './compare-versions.ts';
import { rpmSense } from './tags.ts';

export interface VersionRange {
  /** Bits `less`, `equal` and `greater` of `rpmSense`; other bits have no say. Without any of them every version is meant. */
  readonly flags: number;
  /** `[epoch:]version[-release]`; empty when every version is meant. */
  readonly evr: string;
}

/** True when some version is in both. A release that one of them leaves out is not compared; an epoch left out is 0. */
export function rangesOverlap(a: VersionRange, b: VersionRange): boolean {
  if (isAnyVersion(a) || isAnyVersion(b)) return true;
  const order = compareEvr(a.evr, b.evr);
  const has = ({ flags }: VersionRange, bit: number): boolean => (flags & bit) !== 0;
  if (order < 0) return has(a, rpmSense.greater) || has(b, rpmSense.less);
  if (order > 0) return has(a, rpmSense.less) || has(b, rpmSense.greater);
  return [rpmSense.equal, rpmSense.less, rpmSense.greater].some((bit) => has(a, bit) && has(b, bit));
}

function isAnyVersion({ flags, evr }: VersionRange): boolean {
  return evr === '' || (flags & (rpmSense.less | rpmSense.equal | rpmSense.greater)) === 0;
}

function compareEvr(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  const order = left.epoch - right.epoch || compareParts(left.version, right.version);
  if (order !== 0 || left.release === undefined || right.release === undefined) return order;
  return compareParts(left.release, right.release);
}

function partsOf(evr: string): { epoch: number; version: string; release: string | undefined } {
  const {
    epoch = '0',
    version,
    release,
  } = /^(?:(?<epoch>\d*):)?(?<version>[^-]*)(?:-(?<release>.*))?$/.exec(evr)?.groups ?? {};
  return { epoch: Number(epoch), version: version ?? '', release };
}
