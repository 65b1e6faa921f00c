// Puts variables into the few keys that allow it, after merging: `${name}`, unknown names left as they are (rpm-ostree uses envsubst).

import { mergedKeys } from './keys.ts';
import type { Traced, Values } from './layer.ts';
import type { Problems } from './problems.ts';
import type { VariableValue } from './types/treefile-values.ts';

/** Replaces `${name}` in one text; names without a value stay as written. */
export function substitute(text: string, variables: ReadonlyMap<string, VariableValue>): string {
  return text.replaceAll(/\$\{([^${}]+)\}/g, (whole, name: string) => {
    const value = variables.get(name);
    return value === undefined ? whole : String(value);
  });
}

/** Substitutes in all keys that allow it. A variable with `$`, `{` or `}` in name or value is an error, used or not. */
export function substituteAll(
  values: Values,
  variables: ReadonlyMap<string, Traced<VariableValue>>,
  problems: Problems,
): void {
  const plain = new Map([...variables].map(([name, { value }]) => [name, value]));
  const replace = (traced: Traced<unknown>, members?: readonly string[]): Traced<unknown> => {
    if (typeof traced.value === 'string') {
      return { ...traced, value: substitute(traced.value, plain) };
    }
    if (members === undefined || traced.value === null || typeof traced.value !== 'object') return traced;
    const replaced = Object.entries(traced.value).map(([name, value]) => [
      name,
      members.includes(name) && typeof value === 'string' ? substitute(value, plain) : value,
    ]);
    return { ...traced, value: Object.fromEntries(replaced) };
  };
  for (const key of mergedKeys) {
    if (key.form === 'scalar' && key.substituted !== undefined && key.substituted !== false) {
      const traced = values.scalars.get(key.name);
      const members = key.substituted === true ? undefined : key.substituted;
      if (traced !== undefined) values.scalars.set(key.name, replace(traced, members));
    } else if (key.form === 'map' && key.substituted === true) {
      const members = values.maps.get(key.name);
      for (const [name, traced] of members ?? []) members!.set(name, replace(traced));
    }
  }
  for (const [name, { value, span }] of variables) {
    if (!/[${}]/.test(name) && !/[${}]/.test(String(value))) continue;
    problems.error(
      'bad-variable',
      `the variable ${name} cannot be substituted: "$", "{" and "}" are not allowed in it`,
      span,
    );
  }
}
