// The answer of `slipway treefile explain`: a value that somebody wrote, where, by which includes and conditions, and what became of it.

import type { SourcePosition } from '../../../lib/diagnostics.ts';
import type { IncludeStep, Traced } from '../layer.ts';
import { positionOf } from '../source/source-file.ts';
import type { JsonValue } from '../treefile.ts';

/**
 * Whether a value counts, or why not. `overridden`: another line's value is used. `removed`: by `remove-inherited`. `other-arch`: it is
 * for another architecture. `no-effect`: the key does nothing in an included file.
 */
export type State = 'stands' | 'overridden' | 'removed' | 'other-arch' | 'no-effect';

export interface Fate {
  readonly state: State;
  /** The line that overrides or removes the value. */
  readonly by?: SourcePosition;
}

export interface Explanation extends Fate {
  readonly key: string;
  /** Name of a mapping's member. */
  readonly member?: string;
  readonly value: JsonValue;
  /** Where the value is written; null when nobody did and the build decides. */
  readonly position: SourcePosition | null;
  /** From the first file to the one that wrote it. */
  readonly via: readonly IncludeStep[];
}

/** The explanation of a value as it is shown, which may differ from the traced one. */
export function explanationOf(
  key: string,
  value: JsonValue,
  { span, layer }: Traced<unknown>,
  fate: Fate,
): Explanation {
  return { key, value, position: positionOf(span), via: layer.via, ...fate };
}

/** For people: the value, the line that wrote it and the includes that led there. */
export function formatExplanation(explanation: Explanation): string {
  const { key, member, value, position, via } = explanation;
  const name = member === undefined ? key : `${key}.${member}`;
  const shown = typeof value === 'string' ? value.trimEnd().replaceAll('\n', '\n    ') : JSON.stringify(value);
  const steps = via.toReversed().map(({ keyword, position: place, conditions }) => {
    const condition = conditions.length === 0 ? '' : ` if ${conditions.join(' and ')}`;
    return `    included by ${placeText(place)} (${keyword}${condition})`;
  });
  const place = position === null ? '  follows the build' : `  written in ${placeText(position)}`;
  return [`${name}: ${shown}${remarkOf(explanation)}`, place, ...steps].join('\n');
}

function remarkOf({ state, by }: Fate): string {
  const place = by === undefined ? '' : ` by ${placeText(by)}`;
  switch (state) {
    case 'stands':
      return '';
    case 'other-arch':
      return ' (for another architecture)';
    case 'no-effect':
      return ' (without effect in an included file)';
    case 'overridden':
    case 'removed':
      return ` (${state}${place})`;
  }
}

function placeText({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}
