// What became of a value that a file wrote: it stands, or a line of another file overrides or removes it.

import { isDeepStrictEqual } from 'node:util';
import type { MergedKey } from '../declare.ts';
import type { FlatTreefile } from '../flatten.ts';
import { removeInherited } from '../keys/including.ts';
import { findKey } from '../keys.ts';
import type { LayerInfo, Traced } from '../layer.ts';
import { positionOf, type Span } from '../source/source-file.ts';
import { treePath } from '../tree-path.ts';
import type { Fate } from './explanation.ts';

/**
 * @param traced What a layer has, as its author wrote it.
 * @param member Its name, when the key is a mapping.
 * @returns The fate, and the value in the merged treefile (after substitution, for example) when it stands.
 */
export function fateOf(
  key: MergedKey,
  traced: Traced<unknown>,
  member: string | undefined,
  flat: FlatTreefile,
): Fate & { readonly merged?: Traced<unknown> } {
  const standing = flat.values.tracesOf(key);
  const merged = standing.find((one) => isSame(key, one, traced));
  if (merged !== undefined) return { state: 'stands', merged };
  const winner = key.form === 'scalar' ? standing[0] : flat.values.maps.get(key.name)?.get(member ?? '');
  if (winner !== undefined) return { state: 'overridden', by: positionOf(winner.span) };
  if (key.form === 'scalar') return { state: 'no-effect' };
  const remover = removerOf(key, member ?? nameOf(key, traced.value), traced.layer, flat);
  return { state: 'removed', ...(remover === undefined ? {} : { by: positionOf(remover) }) };
}

/** The name by which `remove-inherited` finds an item; undefined for items without one. */
export function nameOf(key: MergedKey, value: unknown): string | undefined {
  return key.form === 'list' && key.nameOf !== undefined ? treePath(key.nameOf(value)) : undefined;
}

/** Merging and substitution make new values but keep their places. Several words of one item may share a place. */
function isSame(key: MergedKey, { span, value }: Traced<unknown>, written: Traced<unknown>): boolean {
  const samePlace =
    span.source === written.span.source && span.start === written.span.start && span.end === written.span.end;
  return samePlace && (key.form !== 'list' || typeof value !== 'string' || isDeepStrictEqual(value, written.value));
}

/** The nearest of the includers that remove the member; of files reached on two ways, whoever removes it. */
function removerOf(
  key: MergedKey,
  name: string | undefined,
  written: LayerInfo,
  { layers }: FlatTreefile,
): Span | undefined {
  const removers = layers.flatMap((layer) => {
    const removals = layer.steering(removeInherited) ?? [];
    return removals
      .filter((removal) => findKey(removal.key.value)?.key.name === key.name)
      .flatMap(({ members }) => members.filter(({ value }) => treePath(value) === name))
      .map(({ span }) => ({ span, via: layer.info.via }));
  });
  const above = removers.filter(({ via }) => via.every((step, index) => step === written.via[index]));
  above.sort((a, b) => b.via.length - a.via.length);
  return (above[0] ?? removers[0])?.span;
}
