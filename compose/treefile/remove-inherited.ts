// `remove-inherited`: takes members out of what included files brought, and leaves alone what the file itself lists.

import { nearestNames } from '../../lib/near-miss.ts';
import type { MergedKey } from './declare.ts';
import { findKey, mergedKeys } from './keys.ts';
import type { Values } from './layer.ts';
import { didYouMean, type Problems } from './problems.ts';
import { treePath } from './tree-path.ts';
import type { Removal } from './types/treefile-values.ts';

/** Whether `remove-inherited` can name members of a key. */
export function hasNamedMembers(key: MergedKey): boolean {
  return key.form === 'map' || (key.form === 'list' && key.nameOf !== undefined);
}

/** Removes members from `merged` (a file with its includes) except those of `own` (the file alone). */
export function removeMembers(merged: Values, removals: readonly Removal[], own: Values, problems: Problems): void {
  for (const { key: written, members } of removals) {
    const key = findKey(written.value)?.key;
    if (key === undefined || key.form === 'refused' || key.form === 'steering' || !hasNamedMembers(key)) {
      const allowed = mergedKeys.filter(hasNamedMembers).map(({ name }) => name);
      const hint = didYouMean(nearestNames(written.value, allowed)) ?? `it can be one of ${allowed.join(', ')}`;
      problems.error('not-removable', `"${written.value}" has no members that could be removed`, written, hint);
      continue;
    }
    for (const member of members) {
      if (removeMember(key, treePath(member.value), merged, own)) continue;
      problems.warning('nothing-to-remove', `no included file has "${member.value}" in ${key.name}`, member.span);
    }
  }
}

function removeMember(key: MergedKey, name: string, merged: Values, own: Values): boolean {
  if (key.form === 'map') {
    const members = merged.maps.get(key.name);
    if (own.maps.get(key.name)?.has(name) === true) return true;
    return members?.delete(name) ?? false;
  }
  if (key.form !== 'list' || key.nameOf === undefined) return false;
  const { nameOf } = key;
  const mine = new Set(own.lists.get(key.name));
  const items = merged.lists.get(key.name) ?? [];
  const kept = items.filter((item) => mine.has(item) || treePath(nameOf(item.value)) !== name);
  merged.lists.set(key.name, kept);
  return kept.length < items.length;
}
