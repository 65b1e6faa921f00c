// Types made of others: lists, maps from names to values, records with fixed fields, anything at all.

import { nearestNames } from '../../../lib/near-miss.ts';
import type { Problems } from '../problems.ts';
import { didYouMean } from '../problems.ts';
import type { MappingEntry, SourceNode } from '../source/node.ts';
import { isEmpty, plainValue } from '../source/node.ts';
import { positionOf, type Span } from '../source/source-file.ts';
import type { JsonValue } from '../treefile.ts';
import type { JsonSchema, TypeOf, ValueType } from './value-type.ts';
import { wrongType } from './value-type.ts';

/** Any value that JSON can hold. */
export const anything: ValueType<JsonValue> = { words: 'anything', schema: {}, read: plainValue };

/** A value together with the characters that it was written with. */
export interface Located<T> {
  readonly value: T;
  readonly span: Span;
  readonly node: SourceNode;
}

export function located<T>(inner: ValueType<T>): ValueType<Located<T>> {
  return {
    words: inner.words,
    schema: inner.schema,
    read(node, problems) {
      const value = inner.read(node, problems);
      return value === undefined ? undefined : { value, span: node, node };
    },
  };
}

/** What becomes of a list with an item that is wrong: the whole of it is, or the others are read on so that their problems come out too. */
type WrongItems = 'spoil' | 'leave-out';

/** `words` names the whole list, e.g. `a list of package names`. Every item that is wrong is reported. */
export function listOf<T>(
  item: ValueType<T>,
  words = `a list (each item ${item.words})`,
  wrongItems: WrongItems = 'spoil',
): ValueType<T[]> {
  return {
    words,
    schema: { type: 'array', items: item.schema },
    read(node, problems) {
      if (node.type !== 'sequence') {
        return wrongType(node, words, problems, node.type === 'scalar' ? 'write it as a list: [ … ]' : undefined);
      }
      const read = node.items.map((entry) => item.read(entry, problems.aboutItems()));
      const right = read.filter((value) => value !== undefined);
      return wrongItems === 'leave-out' || right.length === read.length ? right : undefined;
    },
  };
}

/** One item, or a list of them. */
export function oneOrMore<T>(item: ValueType<T>, wrongItems?: WrongItems): ValueType<T[]> {
  const list = listOf(item, undefined, wrongItems);
  return {
    words: `${item.words} or a list of them`,
    schema: { anyOf: [item.schema, list.schema] },
    read(node, problems) {
      if (node.type === 'sequence') return list.read(node, problems);
      const value = item.read(node, problems);
      return value === undefined ? undefined : [value];
    },
  };
}

/** A list whose first items are positional, as in `[package, pattern, pattern]`. */
export function tupleOf(words: string, minimum: number, maximum: number): ValueType<string[]> {
  return {
    words,
    schema: {
      type: 'array',
      items: { type: 'string' },
      minItems: minimum,
      ...(maximum === Infinity ? {} : { maxItems: maximum }),
    },
    read(node, problems) {
      const fits = node.type === 'sequence' && node.items.length >= minimum && node.items.length <= maximum;
      if (!fits) return wrongType(node, words, problems);
      const texts = node.items.map((item) => (item.type === 'scalar' ? item.value : null));
      const wrong = texts.findIndex((value) => typeof value !== 'string');
      return wrong === -1 ? (texts as string[]) : wrongType(node.items[wrong]!, `${words} of strings`, problems);
    },
  };
}

/** A mapping from free names to values of one type. Of `reserved` names editors are told; who reads the mapping says why. */
export function mapOf<T>(
  member: ValueType<T>,
  words = `a mapping from names to ${member.words}`,
  reserved?: readonly string[],
): ValueType<Map<string, T>> {
  return {
    words,
    schema: mapSchema(member.schema, reserved),
    read(node, problems) {
      if (node.type !== 'mapping') return wrongType(node, words, problems);
      const map = new Map<string, T>();
      for (const { key, value } of uniqueEntries(node.entries, problems)) {
        const read = member.read(value, problems.about(key.value));
        if (read !== undefined) map.set(key.value, read);
      }
      return map;
    },
  };
}

/** The JSON Schema of such a mapping. */
export function mapSchema(member: JsonSchema, reserved?: readonly string[]): JsonSchema {
  const schema = { type: 'object', additionalProperties: member };
  return reserved === undefined ? schema : { ...schema, propertyNames: { not: { enum: reserved } } };
}

type Fields = Readonly<Record<string, { readonly type: ValueType<unknown>; readonly optional?: boolean }>>;
type RecordOf<F extends Fields> = {
  [K in keyof F as F[K] extends { optional: true } ? never : K]: TypeOf<F[K]['type']>;
} & { [K in keyof F as F[K] extends { optional: true } ? K : never]?: TypeOf<F[K]['type']> };

/** A mapping with fixed fields; an optional one without a value counts as not written. By default a field that does not exist is warned about, since rpm-ostree ignores it. */
export function record<const F extends Fields>(
  words: string,
  fields: F,
  unknownFields: 'warn' | 'refuse' = 'warn',
): ValueType<RecordOf<F>> {
  const required = Object.keys(fields).filter((name) => fields[name]!.optional !== true);
  return {
    words,
    schema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.type.schema])),
      required,
      additionalProperties: false,
    },
    read(node, problems) {
      if (node.type !== 'mapping') return wrongType(node, words, problems);
      const values: Record<string, unknown> = {};
      let complete = true;
      for (const { key, value } of uniqueEntries(node.entries, problems)) {
        const field = Object.hasOwn(fields, key.value) ? fields[key.value] : undefined;
        if (field === undefined) {
          const hint = didYouMean(nearestNames(key.value, Object.keys(fields)));
          if (unknownFields === 'refuse') problems.error('unknown-field', `no such field "${key.value}"`, key, hint);
          else problems.warning('unknown-field', `"${key.value}" has no meaning here and is ignored`, key, hint);
          continue;
        }
        if (field.optional === true && isEmpty(value)) continue;
        const read = field.type.read(value, problems.about(key.value));
        if (read === undefined) complete = false;
        else values[key.value] = read;
      }
      const missing = required.filter((name) => !node.entries.some((entry) => entry.key.value === name));
      for (const name of missing) problems.error('missing-field', `"${name}" is missing here: must be ${words}`, node);
      return complete && missing.length === 0 ? (values as RecordOf<F>) : undefined;
    },
  };
}

/** The entries of a mapping, each name once; a second use of a name is an error. */
export function uniqueEntries(entries: readonly MappingEntry[], problems: Problems): MappingEntry[] {
  const seen = new Map<string, MappingEntry>();
  for (const entry of entries) {
    const first = seen.get(entry.key.value);
    if (first === undefined) {
      seen.set(entry.key.value, entry);
      continue;
    }
    const { line } = positionOf(first.key);
    problems.error(
      'duplicate-key',
      `"${entry.key.value}" is already given on line ${line}`,
      entry.key,
      'keep one of them',
    );
  }
  return [...seen.values()];
}
