// Variables -> every definition of them, and which one counts.

import type { FlatTreefile } from '../flatten.ts';
import { basearch, releasever } from '../keys/identity.ts';
import { variables } from '../keys/including.ts';
import type { Layer, Traced } from '../layer.ts';
import { positionOf } from '../source/source-file.ts';
import type { VariableValue } from '../types/treefile-values.ts';
import { type Explanation, explanationOf, type Fate } from './explanation.ts';

/** All variables, or the named one; in the order of reading. `basearch` is that of the build. */
export function explainVariables(flat: FlatTreefile, name?: string): Explanation[] {
  const written = flat.layers.flatMap(definitionsOf).map(([variable, traced]) => {
    const standing = flat.variables.get(variable)!;
    const stands = standing.span === traced.span;
    const fate: Fate = stands ? { state: 'stands' } : { state: 'overridden', by: positionOf(standing.span) };
    return { ...explanationOf(variables.name, traced.value, traced, fate), member: variable };
  });
  const architecture: Explanation = {
    key: variables.name,
    member: basearch.name,
    value: flat.basearch,
    position: null,
    via: [],
    state: 'stands',
  };
  return [...written, architecture].filter(({ member }) => name === undefined || member === name);
}

/** A file's own variables, and the release, which is one too. */
function definitionsOf(layer: Layer): [name: string, traced: Traced<VariableValue>][] {
  const own = [...(layer.steering(variables) ?? [])].map(([name, { value, span }]): [string, Traced<VariableValue>] => [
    name,
    { value, span, layer: layer.info },
  ]);
  const release = layer.values.scalar(releasever);
  return release === undefined ? own : [...own, [releasever.name, release]];
}
