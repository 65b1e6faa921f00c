// Two treefiles -> what differs once both are merged: the order of sets and the way files are split do not count.

import { isDeepStrictEqual } from 'node:util';
import type { MergedKey } from './declare.ts';
import { mergedKeys } from './keys.ts';
import type { PrintedTreefile } from './print.ts';
import type { JsonValue } from './treefile.ts';

export interface TreefileChange {
  readonly key: string;
  /** Name of a mapping's member. */
  readonly member?: string;
  readonly removed: readonly JsonValue[];
  readonly added: readonly JsonValue[];
  /** A list with the same items in another order. */
  readonly reordered: boolean;
}

export function diffTreefiles(before: PrintedTreefile, after: PrintedTreefile): TreefileChange[] {
  return mergedKeys
    .filter((key) => !isDeepStrictEqual(before[key.name], after[key.name]))
    .flatMap((key) => diffKey(key, before[key.name], after[key.name]));
}

function diffKey(key: MergedKey, old: JsonValue | undefined, now: JsonValue | undefined): TreefileChange[] {
  switch (key.form) {
    case 'scalar':
      return [change(key.name, old, now)];
    case 'list':
      return [diffLists(key.name, (old ?? []) as JsonValue[], (now ?? []) as JsonValue[])];
    case 'map': {
      const [oldMembers, newMembers] = [(old ?? {}) as PrintedTreefile, (now ?? {}) as PrintedTreefile];
      const names = [...new Set([...Object.keys(oldMembers), ...Object.keys(newMembers)])].sort();
      return names
        .filter((name) => !isDeepStrictEqual(oldMembers[name], newMembers[name]))
        .map((name) => ({ ...change(key.name, oldMembers[name], newMembers[name]), member: name }));
    }
  }
}

/** One line per value, with `-` and `+`. */
export function formatChanges(changes: readonly TreefileChange[]): string {
  return changes
    .map(({ key, member, removed, added, reordered }) =>
      [
        member === undefined ? key : `${key}.${member}`,
        ...removed.map((value) => `  - ${show(value)}`),
        ...added.map((value) => `  + ${show(value)}`),
        ...(reordered ? ['  the same items in another order'] : []),
      ].join('\n'),
    )
    .join('\n');
}

function change(key: string, old: JsonValue | undefined, now: JsonValue | undefined): TreefileChange {
  const listed = (value: JsonValue | undefined): JsonValue[] => (value === undefined ? [] : [value]);
  return { key, removed: listed(old), added: listed(now), reordered: false };
}

function diffLists(key: string, old: readonly JsonValue[], now: readonly JsonValue[]): TreefileChange {
  const without = (items: readonly JsonValue[], others: readonly JsonValue[]): JsonValue[] =>
    items.filter((item) => !others.some((other) => isDeepStrictEqual(item, other)));
  const [removed, added] = [without(old, now), without(now, old)];
  return { key, removed, added, reordered: removed.length === 0 && added.length === 0 };
}

function show(value: JsonValue): string {
  return typeof value === 'string' ? value.trimEnd().replaceAll('\n', '\n    ') : JSON.stringify(value);
}
