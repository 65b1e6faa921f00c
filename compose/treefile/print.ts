// FlatTreefile -> one treefile without includes, in the shape of `rpm-ostree compose tree --print-only`: kebab-case keys, sets sorted,
// the architecture and the packages always, of other keys only what somebody set; variables, repovars and everything that steered the
// reading are gone.

import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { MergedKey } from './declare.ts';
import type { FlatTreefile } from './flatten.ts';
import { addFiles, postprocessScript } from './keys/files.ts';
import { basearch } from './keys/identity.ts';
import { packages, repovars } from './keys/packages.ts';
import { checkGroups, checkPasswd } from './keys/users.ts';
import { mergedKeys } from './keys.ts';
import type { Traced } from './layer.ts';
import type { JsonValue } from './treefile.ts';
import type { WrittenIdCheck } from './types/ids.ts';

export type PrintedTreefile = Readonly<Record<string, JsonValue>>;

export function printTreefile(flat: FlatTreefile): PrintedTreefile {
  const printed: Record<string, JsonValue> = {};
  for (const key of mergedKeys) {
    if (key.name === repovars.name) continue;
    if (flat.values.has(key)) printed[key.name] = printKey(key, flat);
    else if (key.name === basearch.name) printed[key.name] = flat.basearch;
    else if (key.name === packages.name) printed[key.name] = [];
  }
  return printed;
}

/** The merged value of a key that somebody set, as it would be written. */
export function printKey(key: MergedKey, flat: FlatTreefile): JsonValue {
  const { values } = flat;
  switch (key.form) {
    case 'scalar':
      return printValue(key, values.scalars.get(key.name)!, flat);
    case 'list': {
      const items = values.lists.get(key.name)!.map((traced) => printValue(key, traced, flat));
      if (key.merge !== 'union') return items;
      const sorted = [...new Set(items as string[])].sort();
      return key.splitWords === true ? sorted.map(quoted) : sorted;
    }
    case 'map': {
      const members = [...values.maps.get(key.name)!].sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(members.map(([name, traced]) => [name, printValue(key, traced, flat)]));
    }
  }
}

/** Names of files are made relative to the first file, so that the printed treefile works beside it. */
export function printValue(key: MergedKey, traced: Traced<unknown>, flat: FlatTreefile): JsonValue {
  const value = traced.value as JsonValue;
  const fromFirst = (name: string): string =>
    isAbsolute(name) ? name : relative(dirname(flat.file), resolve(traced.layer.directory, name));
  if (key.name === postprocessScript.name) return fromFirst(value as string);
  if (key.name === addFiles.name) {
    const [source, destination] = value as [string, string];
    return [fromFirst(source), destination];
  }
  if (key.form === 'list' && key.splitField !== undefined) {
    const item = value as Readonly<Record<string, readonly string[]>>;
    return { ...item, [key.splitField]: item[key.splitField]!.map(quoted) };
  }
  if (key.name === checkPasswd.name || key.name === checkGroups.name) {
    const check = traced.value as WrittenIdCheck;
    if (check.type === 'file') return { type: 'file', filename: fromFirst(check.filename) };
  }
  return value;
}

/** Without the quotes a request with spaces would be several when it is read again. */
function quoted(request: string): string {
  return /\s/.test(request) ? `'${request}'` : request;
}
