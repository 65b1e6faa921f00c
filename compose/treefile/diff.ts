// Two treefiles -> what differs once both are merged: the order of sets and the way files are split do not count, nor does a default
// that somebody wrote down.

import { isDeepStrictEqual } from 'node:util';
import type { MergedKey } from './declare.ts';
import type { FlatTreefile } from './flatten.ts';
import { basearch, releasever } from './keys/identity.ts';
import { variables } from './keys/including.ts';
import { mergedKeys } from './keys.ts';
import { printKey } from './print.ts';
import { scriptVariables } from './script-variables.ts';
import type { JsonValue } from './treefile.ts';

export interface TreefileChange {
  readonly key: string;
  /** Name of a mapping's member. */
  readonly member?: string;
  readonly removed: readonly JsonValue[];
  readonly added: readonly JsonValue[];
  /** A list whose items that are in both come in another order. */
  readonly reordered: boolean;
}

/** All keys that reach a compose; of variables, which reach it through scripts, those that a script of either treefile names. */
export async function diffTreefiles(before: FlatTreefile, after: FlatTreefile): Promise<TreefileChange[]> {
  const changes = mergedKeys.flatMap((key) => diffKey(key, effectiveValue(key, before), effectiveValue(key, after)));
  const read = await scriptVariables([...before.layers, ...after.layers]);
  return [...changes, ...diffMembers(variables.name, variablesOf(before, read), variablesOf(after, read))];
}

/** What counts: the merged value or the default. */
function effectiveValue(key: MergedKey, flat: FlatTreefile): JsonValue | undefined {
  return flat.values.has(key) ? printKey(key, flat) : key.default;
}

/** Without those that are keys as well. */
function variablesOf(flat: FlatTreefile, read: ReadonlySet<string>): Members {
  const keys: readonly string[] = [basearch.name, releasever.name];
  const chosen = [...flat.variables].filter(([name]) => read.has(name) && !keys.includes(name));
  return Object.fromEntries(chosen.map(([name, { value }]) => [name, value]));
}

type Members = Readonly<Record<string, JsonValue>>;

function diffKey(key: MergedKey, old: JsonValue | undefined, now: JsonValue | undefined): TreefileChange[] {
  switch (key.form) {
    case 'scalar':
      return isDeepStrictEqual(old, now) ? [] : [change(key.name, old, now)];
    case 'list':
      return diffLists(key.name, (old ?? []) as JsonValue[], (now ?? []) as JsonValue[]);
    case 'map':
      return diffMembers(key.name, (old ?? {}) as Members, (now ?? {}) as Members);
  }
}

function diffMembers(key: string, old: Members, now: Members): TreefileChange[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return names
    .filter((name) => !isDeepStrictEqual(old[name], now[name]))
    .map((name) => ({ ...change(key, old[name], now[name]), member: name }));
}

/** One line per value, with `-` and `+`. */
export function formatChanges(changes: readonly TreefileChange[]): string {
  return changes
    .map(({ key, member, removed, added, reordered }) =>
      [
        member === undefined ? key : `${key}.${member}`,
        ...removed.map((value) => `  - ${show(value)}`),
        ...added.map((value) => `  + ${show(value)}`),
        ...(reordered
          ? [`  the ${removed.length + added.length === 0 ? 'same' : 'other'} items in another order`]
          : []),
      ].join('\n'),
    )
    .join('\n');
}

function change(key: string, old: JsonValue | undefined, now: JsonValue | undefined): TreefileChange {
  const listed = (value: JsonValue | undefined): JsonValue[] => (value === undefined ? [] : [value]);
  return { key, removed: listed(old), added: listed(now), reordered: false };
}

function diffLists(key: string, old: readonly JsonValue[], now: readonly JsonValue[]): TreefileChange[] {
  const [before, after] = [compareItems(old, now), compareItems(now, old)];
  const reordered = !isDeepStrictEqual(before.both, after.both);
  if (before.alone.length === 0 && after.alone.length === 0 && !reordered) return [];
  return [{ key, removed: before.alone, added: after.alone, reordered }];
}

/** The items that the other list has too, each as often as it has it, and the rest. */
function compareItems(
  items: readonly JsonValue[],
  others: readonly JsonValue[],
): { both: JsonValue[]; alone: JsonValue[] } {
  const left = [...others];
  const both: JsonValue[] = [];
  const alone: JsonValue[] = [];
  for (const item of items) {
    const match = left.findIndex((other) => isDeepStrictEqual(item, other));
    (match === -1 ? alone : both).push(item);
    if (match !== -1) left.splice(match, 1);
  }
  return { both, alone };
}

/** Text that would pass for another kind of value is quoted. */
function show(value: JsonValue): string {
  const plain = typeof value === 'string' && !/^(true|false|null|-?[0-9]+(\.[0-9]+)?)$/.test(value);
  return plain ? value.trimEnd().replaceAll('\n', '\n    ') : JSON.stringify(value);
}
