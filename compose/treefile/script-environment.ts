// The treefile's variables as postprocess scripts see them.

import type { Treefile } from './treefile.ts';

/**
 * `SLIPWAY_VAR_name` for each variable, `basearch` and `releasever` included. Names with other characters than letters, digits and
 * `_` cannot be in an environment that a shell reads; `lint` warns about them.
 */
export function scriptEnvironment(variables: Treefile['variables']): Record<string, string> {
  const usable = Object.entries(variables).filter(([name]) => /^\w+$/.test(name));
  return Object.fromEntries(usable.map(([name, value]) => [`SLIPWAY_VAR_${name}`, String(value)]));
}
