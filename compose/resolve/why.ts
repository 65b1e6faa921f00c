// Why a package is in a tree: the shortest chain of requirements from something that the treefile asks for. Takes the reasons that
// resolveWithReasons() gives; pure.

import { UserError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import type { PackageReasons } from './solv/job.ts';

export interface WhyLink {
  /** `name-[epoch:]version-release.arch` */
  readonly package: string;
  /** The dependency by which the package before asks for this one; absent for the first, which the treefile asks for. */
  readonly dependency?: string;
  readonly kind?: 'requires' | 'recommends';
}

export interface WhyAnswer {
  readonly reasons: PackageReasons;
  /** The request of the treefile at which the chain begins; null when no chain leads to one (Supplements and the like). */
  readonly request: string | null;
  /** From the requested package to the one in question; only that one when it is itself requested. */
  readonly chain: readonly WhyLink[];
}

/**
 * @param wanted name or `name-evr.arch`
 * @throws UserError `package-not-in-tree` with near names
 */
export function whyPackage(all: readonly PackageReasons[], wanted: string): WhyAnswer[] {
  const found = all.filter((row) => row.name === wanted || row.package === wanted);
  if (found.length === 0) {
    const near = nearestNames(
      wanted,
      all.map((row) => row.name),
    );
    throw new UserError('package-not-in-tree', `${wanted} is not in the tree`, {
      hint: near.length === 0 ? '' : `did you mean ${near.join(' or ')}?`,
    });
  }
  const byPackage = new Map(all.map((row) => [row.package, row]));
  return found.map((reasons) => ({ reasons, ...shortestChain(reasons, byPackage) }));
}

/** Breadth first from the package up to a requested one; a chain without recommendations is preferred. */
function shortestChain(
  target: PackageReasons,
  byPackage: ReadonlyMap<string, PackageReasons>,
): { request: string | null; chain: readonly WhyLink[] } {
  for (const kinds of [['requires'], ['requires', 'recommends']] as const) {
    const seen = new Set([target.package]);
    let frontier: { row: PackageReasons; below: readonly WhyLink[] }[] = [{ row: target, below: [] }];
    while (frontier.length > 0) {
      const requested = frontier.find(({ row }) => row.requests.length > 0);
      if (requested !== undefined) {
        const chain = [{ package: requested.row.package }, ...requested.below];
        return { request: requested.row.requests[0]!, chain };
      }
      const next: typeof frontier = [];
      for (const { row, below } of frontier) {
        for (const kind of kinds) {
          for (const asker of kind === 'requires' ? row.requiredBy : row.recommendedBy) {
            const above = byPackage.get(asker.package);
            if (above === undefined || seen.has(asker.package)) continue;
            seen.add(asker.package);
            const link = { package: row.package, dependency: asker.dependency, kind };
            next.push({ row: above, below: [link, ...below] });
          }
        }
      }
      frontier = next;
    }
  }
  return { request: null, chain: [{ package: target.package }] };
}
