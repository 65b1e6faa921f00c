// Why a package is in a tree: the shortest chain of dependencies from something that the treefile asks for.

import type { PackageReasons } from '../../resolve/solv/job.ts';
import { type Explanation, formatExplanation } from './explanation.ts';

export interface DependencyStep {
  /** `name-evr.arch` */
  readonly package: string;
  /** Why it is there: requests of the treefile, or the package of the step before. */
  readonly because:
    | { readonly type: 'requested'; readonly requests: readonly string[]; readonly lines: readonly Explanation[] }
    | { readonly type: 'required' | 'recommended'; readonly by: string; readonly dependency: string };
}

/**
 * From a requested package to the wanted one; undefined when no package of that name is installed.
 * @param linesOf The lines of the treefile that have some requests.
 */
export function whyInstalled(
  reasons: readonly PackageReasons[],
  name: string,
  linesOf: (requests: readonly string[]) => readonly Explanation[],
): DependencyStep[] | undefined {
  const requested = ({ package: nevra, requests }: PackageReasons): DependencyStep => ({
    package: nevra,
    because: { type: 'requested', requests, lines: linesOf(requests) },
  });
  const byPackage = new Map(reasons.map((entry) => [entry.package, entry]));
  const wanted = reasons.find((entry) => entry.name === name || entry.package === name);
  if (wanted === undefined) return undefined;
  // Breadth first, from the wanted package towards the requests: the first request found is the nearest.
  const queue: { entry: PackageReasons; tail: DependencyStep[] }[] = [{ entry: wanted, tail: [] }];
  const seen = new Set([wanted.package]);
  for (const { entry, tail } of queue) {
    if (entry.requests.length > 0) return [requested(entry), ...tail];
    const parents = [
      ...entry.requiredBy.map((parent) => ({ ...parent, type: 'required' as const })),
      ...entry.recommendedBy.map((parent) => ({ ...parent, type: 'recommended' as const })),
    ];
    for (const { package: by, dependency, type } of parents) {
      const parent = byPackage.get(by);
      if (parent === undefined || seen.has(by)) continue;
      seen.add(by);
      queue.push({ entry: parent, tail: [{ package: entry.package, because: { type, by, dependency } }, ...tail] });
    }
  }
  return [requested(wanted)];
}

/** The requested package first, with the lines that ask for it; then one line a step. */
export function formatChain(steps: readonly DependencyStep[]): string {
  return steps.map(formatStep).join('\n');
}

function formatStep({ package: nevra, because }: DependencyStep): string {
  switch (because.type) {
    case 'requested':
      return formatRequested(nevra, because.lines);
    case 'required':
      return `  ${because.by} requires ${because.dependency}: ${nevra}`;
    case 'recommended':
      return `  ${because.by} recommends ${because.dependency}: ${nevra}`;
  }
}

function formatRequested(nevra: string, lines: readonly Explanation[]): string {
  if (lines.length === 0) return `${nevra} is in the tree, but no line and no other package asks for it`;
  const indented = lines.map(formatExplanation).join('\n').replaceAll(/^/gm, '  ');
  return `${nevra} is asked for by\n${indented}`;
}
