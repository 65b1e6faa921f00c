// The treefile's variables as postprocess scripts see them.

import type { Treefile } from './treefile.ts';

/** In front of a variable's name in the environment. */
export const variablePrefix = 'SLIPWAY_VAR_';

/**
 * `SLIPWAY_VAR_name` for each variable, `basearch` and `releasever` included. Names with other characters than letters, digits and
 * `_` cannot be in an environment that a shell reads; `lint` warns about them.
 */
export function scriptEnvironment(variables: Treefile['variables']): Record<string, string> {
  const usable = Object.entries(variables).filter(([name]) => /^\w+$/.test(name));
  return Object.fromEntries(usable.map(([name, value]) => [variablePrefix + name, String(value)]));
}
