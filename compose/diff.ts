// Two package sets compared: what came, what went, what changed its version.

import type { PackageIdentity } from '../lib/ostree-objects.ts';
import { nevra } from './resolve/lock.ts';

export interface PackageDiff {
  /** As `nevra()` prints them, sorted. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[];
}

/** A package is the same one when name and architecture are. */
export function diffPackages(before: readonly PackageIdentity[], after: readonly PackageIdentity[]): PackageDiff {
  const keyOf = (each: PackageIdentity): string => `${each.name}.${each.arch}`;
  const old = new Map(before.map((each) => [keyOf(each), each]));
  const fresh = new Map(after.map((each) => [keyOf(each), each]));
  const changed = [...fresh].flatMap(([key, each]) => {
    const previous = old.get(key);
    if (previous === undefined || nevra(previous) === nevra(each)) return [];
    return [{ name: each.name, from: nevra(previous), to: nevra(each) }];
  });
  return {
    added: without(fresh, old),
    removed: without(old, fresh),
    changed: changed.sort((a, b) => (a.to < b.to ? -1 : 1)),
  };
}

/** One line a package, as `rpm-ostree db diff` people expect them; empty when nothing differs. */
export function formatPackageDiff(diff: PackageDiff): string[] {
  return [
    ...diff.changed.map(({ from, to }) => `  ~ ${from} -> ${to}`),
    ...diff.added.map((name) => `  + ${name}`),
    ...diff.removed.map((name) => `  - ${name}`),
  ];
}

function without(set: ReadonlyMap<string, PackageIdentity>, other: ReadonlyMap<string, PackageIdentity>): string[] {
  return [...set]
    .filter(([key]) => !other.has(key))
    .map(([, each]) => nevra(each))
    .sort();
}
