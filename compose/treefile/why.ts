// Why a package is in a tree: the shortest chain of dependencies from something that the treefile asks for.

import type { PackageReasons } from '../resolve/solv/job.ts';

export interface DependencyStep {
  /** `name-evr.arch` */
  readonly package: string;
  /** Why it is there: requests of the treefile, or the package of the step before. */
  readonly because:
    | { readonly type: 'requested'; readonly requests: readonly string[] }
    | { readonly type: 'required' | 'recommended'; readonly by: string; readonly dependency: string };
}

/** From a requested package to the wanted one; undefined when no package of that name is installed. */
export function whyInstalled(reasons: readonly PackageReasons[], name: string): DependencyStep[] | undefined {
  const byPackage = new Map(reasons.map((entry) => [entry.package, entry]));
  const wanted = reasons.find((entry) => entry.name === name || entry.package === name);
  if (wanted === undefined) return undefined;
  // Breadth first, from the wanted package towards the requests: the first request found is the nearest.
  const queue: { entry: PackageReasons; tail: DependencyStep[] }[] = [{ entry: wanted, tail: [] }];
  const seen = new Set([wanted.package]);
  for (const { entry, tail } of queue) {
    if (entry.requests.length > 0) {
      return [{ package: entry.package, because: { type: 'requested', requests: entry.requests } }, ...tail];
    }
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
  return [{ package: wanted.package, because: { type: 'requested', requests: [] } }];
}

/** One line a step, the requested package first. */
export function formatChain(steps: readonly DependencyStep[]): string {
  return steps.map(formatStep).join('\n');
}

function formatStep({ package: nevra, because }: DependencyStep): string {
  switch (because.type) {
    case 'requested':
      return `${nevra} is asked for by the treefile${because.requests.length === 0 ? '' : `: ${because.requests.join(', ')}`}`;
    case 'required':
      return `  ${because.by} requires ${because.dependency}: ${nevra}`;
    case 'recommended':
      return `  ${because.by} recommends ${because.dependency}: ${nevra}`;
  }
}
