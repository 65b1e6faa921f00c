// The order of package versions, as rpm itself compares them (rpmio/rpmvercmp.cc; rpm-version(7)).

export interface PackageVersion {
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
}

/** Takes `[epoch:]version-release` apart; undefined when it is not of that form. */
export function parseEvr(evr: string): PackageVersion | undefined {
  const [, epoch = '0', version, release] = /^(?:(\d+):)?(.*)-([^-]*)$/.exec(evr) ?? [];
  return version === undefined || release === undefined ? undefined : { epoch: Number(epoch), version, release };
}

/** Negative when `a` is older than `b`, 0 when they count as equal. */
export function compareVersions(a: PackageVersion, b: PackageVersion): number {
  return a.epoch - b.epoch || compareParts(a.version, b.version) || compareParts(a.release, b.release);
}

/** Compares two versions or two releases part by part: numbers as numbers, letters as text, `~` before all, `^` after the end only. */
export function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = comparePart(left[at], right[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(text: string): string[] {
  return text.match(/\d+|[a-zA-Z]+|~|\^/g) ?? [];
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === '~' || b === '~') return a === '~' ? -1 : 1;
  if (a === '^') return b === undefined ? 1 : -1;
  if (b === '^') return a === undefined ? -1 : 1;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [aIsNumber, bIsNumber] = [/^\d/.test(a), /^\d/.test(b)];
  if (aIsNumber !== bIsNumber) return aIsNumber ? 1 : -1;
  if (!aIsNumber) return a < b ? -1 : 1;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}
