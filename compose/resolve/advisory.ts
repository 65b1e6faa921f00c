// Security advisories of a lock: what it says of one package, and several lists made one.

import type { Advisory } from '../../lib/advisories.ts';

/** What a lock says of one of its packages; empty when it does not list advisories. */
export function advisoriesFor(
  name: string,
  advisories: readonly Advisory[] | undefined,
): { advisories?: readonly Advisory[] } {
  return advisories === undefined ? {} : { advisories: advisories.filter(({ packages }) => packages.includes(name)) };
}

/**
 * One advisory for each id, sorted by it; where several have it the first one speaks. Of their packages those of the tree are kept, in its
 * order, and advisories without any are left out.
 */
export function mergeAdvisories(advisories: readonly Advisory[], treePackages: readonly string[]): Advisory[] {
  const merged = [...Map.groupBy(advisories, ({ id }) => id)].map(([id, alike]): Advisory => {
    const { severity, cveReferences } = alike[0]!;
    const named = new Set(alike.flatMap(({ packages }) => packages));
    const packages = treePackages.filter((name) => named.has(name));
    // Each member in its place: lockfiles may have them in another order, but the lock that a commit ships has one.
    return { id, severity, packages, cveReferences: cveReferences.map(({ url, title }) => ({ url, title })) };
  });
  return merged.filter(({ packages }) => packages.length > 0).sort((a, b) => (a.id < b.id ? -1 : 1));
}
