// Keys that are read, merged and shown, but that no part of Slipway acts on yet. Whoever makes a part act on one takes it off the list.

import { isDeepStrictEqual } from 'node:util';
import type { MergedKey } from './declare.ts';
import { mergedKeys } from './keys.ts';
import type { Values } from './layer.ts';
import type { Problems } from './problems.ts';
import type { JsonValue } from './treefile.ts';

/** Key -> the values that are done right all the same; undefined: the default only. */
export const notYetActedOn: ReadonlyMap<string, readonly JsonValue[] | undefined> = new Map<
  string,
  readonly JsonValue[] | undefined
>([
  ['boot-location', undefined],
  ['cliwrap', undefined],
  ['cliwrap-binaries', undefined],
  ['ignore-devices', undefined],
  ['platform-module', undefined],
  ['rojig', undefined],
  ['rpmdb', ['target', 'sqlite']],
]);

/** One warning for each such key that somebody set to a value that is not done right. */
export function warnNotYetActedOn(values: Values, problems: Problems): void {
  for (const key of mergedKeys) {
    if (!notYetActedOn.has(key.name)) continue;
    const traced = values.tracesOf(key)[0];
    if (traced === undefined || doneRight(key).some((value) => isDeepStrictEqual(value, traced.value))) continue;
    problems.warning('not-acted-on', `"${key.name}" is read, but Slipway does not act on it yet`, traced.span);
  }
}

function doneRight(key: MergedKey): readonly JsonValue[] {
  return notYetActedOn.get(key.name) ?? (key.default === undefined ? [] : [key.default]);
}
