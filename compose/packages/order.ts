// The order in which packages are installed: what a package requires comes before it, as rpm orders a transaction. Circles are broken by
// keeping only what scriptlets need; equal choices go by name, so that the order depends on the set of packages alone.

import type { EnginePackage } from './package.ts';

/** Packages in installation order. Requirements that nothing provides are left out: the resolver has judged them. */
export function installationOrder(packages: readonly EnginePackage[]): EnginePackage[] {
  const sorted = [...packages].sort((a, b) => compare(a.nevra, b.nevra));
  const providers = providersOf(sorted);
  const edges = new Map(sorted.map((each) => [each, dependenciesOf(each, providers)]));
  const ordered: EnginePackage[] = [];
  for (const circle of stronglyConnected(sorted, (each) => edges.get(each)!.all)) {
    if (circle.length === 1) ordered.push(...circle);
    else {
      const inside = new Set(circle);
      const strong = (each: EnginePackage): EnginePackage[] =>
        edges.get(each)!.forScriptlets.filter((other) => inside.has(other));
      const members = sorted.filter((each) => inside.has(each));
      for (const group of stronglyConnected(members, strong)) {
        ordered.push(...group.sort((a, b) => compare(a.nevra, b.nevra)));
      }
    }
  }
  return ordered;
}

interface Dependencies {
  readonly all: EnginePackage[];
  readonly forScriptlets: EnginePackage[];
}

function dependenciesOf(
  dependent: EnginePackage,
  providers: ReadonlyMap<string, readonly EnginePackage[]>,
): Dependencies {
  const all = new Set<EnginePackage>();
  const forScriptlets = new Set<EnginePackage>();
  for (const requirement of dependent.requires) {
    for (const name of namesIn(requirement.name)) {
      for (const provider of providers.get(name) ?? []) {
        if (provider === dependent) continue;
        all.add(provider);
        if (requirement.forScriptlets) forScriptlets.add(provider);
      }
    }
  }
  return { all: [...all], forScriptlets: [...forScriptlets] };
}

// A rich dependency `(a or b >= 1)` counts as a wish for each of its names.
function namesIn(requirement: string): string[] {
  return requirement.startsWith('(') ? requirement.split(/[\s()]+/).filter((word) => word !== '') : [requirement];
}

function providersOf(packages: readonly EnginePackage[]): Map<string, EnginePackage[]> {
  const wantedPaths = new Set(
    packages.flatMap((each) => each.requires.flatMap((requirement) => namesIn(requirement.name))).filter(isPath),
  );
  const providers = new Map<string, EnginePackage[]>();
  const add = (name: string, provider: EnginePackage): void => {
    const known = providers.get(name);
    if (known === undefined) providers.set(name, [provider]);
    else if (known.at(-1) !== provider) known.push(provider);
  };
  for (const each of packages) {
    for (const name of each.provides) add(name, each);
    for (const file of each.files) if (wantedPaths.has(file.path)) add(file.path, each);
  }
  return providers;
}

/** Tarjan's algorithm, without recursion: components in an order in which every edge points back. */
function stronglyConnected(
  nodes: readonly EnginePackage[],
  edgesOf: (node: EnginePackage) => readonly EnginePackage[],
): EnginePackage[][] {
  const state = new Map<EnginePackage, { index: number; low: number; open: boolean }>();
  const open: EnginePackage[] = [];
  const components: EnginePackage[][] = [];
  const enter = (node: EnginePackage): { node: EnginePackage; edges: readonly EnginePackage[]; next: number } => {
    state.set(node, { index: state.size, low: state.size, open: true });
    open.push(node);
    return { node, edges: edgesOf(node), next: 0 };
  };
  for (const start of nodes) {
    if (state.has(start)) continue;
    const path = [enter(start)];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const own = state.get(top.node)!;
      const target = top.edges[top.next++];
      if (target === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) {
          const above = state.get(parent.node)!;
          above.low = Math.min(above.low, own.low);
        }
        if (own.low === own.index) components.push(closeComponent(top.node, open, state));
      } else {
        const known = state.get(target);
        if (known === undefined) path.push(enter(target));
        else if (known.open) own.low = Math.min(own.low, known.index);
      }
    }
  }
  return components;
}

function closeComponent(
  root: EnginePackage,
  open: EnginePackage[],
  state: ReadonlyMap<EnginePackage, { open: boolean }>,
): EnginePackage[] {
  const members = open.splice(open.lastIndexOf(root));
  for (const member of members) state.get(member)!.open = false;
  return members;
}

function isPath(name: string): boolean {
  return name.startsWith('/');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
