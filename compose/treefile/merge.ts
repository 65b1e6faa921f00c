// The merge rules: what an includer and an included file say together. `into` is the includer; what it says stands.

import type { ListKey } from './declare.ts';
import { repoPackages } from './keys/packages.ts';
import { mergedKeys } from './keys.ts';
import type { Traced, Values } from './layer.ts';

/**
 * Merges an included file's values into its includer's. Single values: the includer's stand. Lists: the included items come before
 * the includer's. Mappings: name by name, the includer's members stand. `included` is not changed.
 */
export function mergeInto(into: Values, included: Values): void {
  for (const key of mergedKeys) {
    switch (key.form) {
      case 'scalar': {
        const value = included.scalars.get(key.name);
        if (value !== undefined && key.merge === 'first-wins' && !into.scalars.has(key.name))
          into.scalars.set(key.name, value);
        break;
      }
      case 'list': {
        const items = included.lists.get(key.name);
        if (items !== undefined) into.lists.set(key.name, mergeLists(key, into.lists.get(key.name) ?? [], items));
        break;
      }
      case 'map': {
        const members = included.maps.get(key.name);
        if (members !== undefined) into.maps.set(key.name, new Map([...members, ...(into.maps.get(key.name) ?? [])]));
        break;
      }
    }
  }
}

/** Included items first. An item that a file brings on two ways (a diamond of includes) is kept once, at its first place. */
function mergeLists(
  key: ListKey<unknown>,
  own: readonly Traced<unknown>[],
  included: readonly Traced<unknown>[],
): Traced<unknown>[] {
  const brought = new Set(included);
  const merged = [...included, ...own.filter((traced) => !brought.has(traced))];
  return key.name === repoPackages.name ? stealPackages(merged as RepoPackagesItem[]) : merged;
}

type RepoPackagesItem = Traced<{ repo: string; packages: string[] }>;

/** From the end backwards each package keeps only its last entry; entries left with none go. */
function stealPackages(items: readonly RepoPackagesItem[]): RepoPackagesItem[] {
  const taken = new Set<string>();
  const kept: RepoPackagesItem[] = [];
  for (const item of items.toReversed()) {
    const packages = item.value.packages.filter((name) => !taken.has(name));
    for (const name of packages) taken.add(name);
    if (packages.length === 0) continue;
    if (packages.length === item.value.packages.length) kept.push(item);
    else kept.push({ ...item, value: { ...item.value, packages } });
  }
  return kept.reverse();
}
