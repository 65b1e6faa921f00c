// Changes parsed documents at random: values of wrong types, emptied lists, nulls, members that are gone, doubled or under another name.

import type { JsonValue } from '../../../compose/treefile/treefile.ts';
import { oneOf } from './random.ts';

type Random = (limit: number) => number;

const oddValues: readonly JsonValue[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 2 ** 53, '', ' ', 'x', 'a b', "'", '2024', '\u{1f600}', '*', '**/*', '/usr/x'],
  ...[`\${a}`, `\${`, 'a == 1', 'basearch == "x86_64"', 'a>=38', 'base.yaml', '.', 'none', 'file', 'data', '1-1'],
  ...[[], {}, [null], [1], [[]], [{}], [['a']], [['a', 'b']], ['a', 'a'], { a: null }, { a: [] }, { type: 'file' }],
];

/** One to four changes of a copy; `names` are put in the place of names. */
export function mutateTree(document: JsonValue, names: readonly string[], random: Random): JsonValue {
  let mutated = document;
  for (let count = 1 + random(4); count > 0; count--) mutated = mutateSomewhere(mutated, names, random);
  return mutated;
}

function mutateSomewhere(value: JsonValue, names: readonly string[], random: Random): JsonValue {
  if (value === null || typeof value !== 'object' || random(5) === 0) return mutateHere(value, names, random);
  if (Array.isArray(value)) {
    if (value.length === 0) return [oneOf(oddValues, random)];
    const at = random(value.length);
    return value.with(at, mutateSomewhere(value[at]!, names, random));
  }
  const members = Object.entries(value);
  if (members.length === 0) return { [oneOf(names, random)]: oneOf(oddValues, random) };
  const [name, member] = oneOf(members, random);
  return { ...value, [name]: mutateSomewhere(member, names, random) };
}

function mutateHere(value: JsonValue, names: readonly string[], random: Random): JsonValue {
  const odd = oneOf(oddValues, random);
  const kind = random(5);
  if (value === null || typeof value !== 'object' || kind === 0)
    return oneOf([odd, odd, [value], { [oneOf(names, random)]: value }], random);
  if (Array.isArray(value)) {
    const at = random(value.length + 1);
    if (kind === 1) return [];
    if (kind === 2) return value.toSpliced(at, 1);
    return value.toSpliced(at, 0, kind === 3 ? odd : (value[at] ?? null));
  }
  const members = Object.entries(value);
  const [name, member] = members.length === 0 ? ['', null] : oneOf(members, random);
  if (kind === 1) return Object.fromEntries(members.filter(([other]) => other !== name));
  if (kind === 2) return { ...value, [oneOf(names, random)]: odd };
  if (kind === 3) return { ...value, [oneOf(names, random)]: member };
  const [other, others] = members.length === 0 ? ['', null] : oneOf(members, random);
  return { ...value, [name]: others, [other]: member };
}
