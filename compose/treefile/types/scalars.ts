// Types of single values: text, booleans, numbers, one of several words.

import { nearestNames } from '../../../lib/near-miss.ts';
import { didYouMean } from '../problems.ts';
import type { JsonValue } from '../treefile.ts';
import type { ValueType } from './value-type.ts';
import { wrongType } from './value-type.ts';

interface TextOptions {
  /** With article; default `a string`. */
  readonly words?: string;
  /** The sentence for a text that is not allowed, or undefined when it is; for what no pattern can say. */
  readonly refuse?: (text: string) => string | undefined;
  /** What a text must match, here and in editors, and the sentence for one that does not. */
  readonly allowed?: { readonly pattern: RegExp; readonly refusal: (text: string) => string };
}

/** A string. Numbers and booleans must be quoted, as rpm-ostree demands. */
export function text(options: TextOptions = {}): ValueType<string> {
  const { words = 'a string', allowed } = options;
  return {
    words,
    schema: { type: 'string', ...(allowed === undefined ? {} : { pattern: allowed.pattern.source }) },
    read(node, problems) {
      if (node.type !== 'scalar' || typeof node.value !== 'string') {
        const plain = node.type === 'scalar' && node.value !== null;
        return wrongType(node, words, problems, plain ? 'put it in quotes' : undefined);
      }
      const matches = allowed === undefined || allowed.pattern.test(node.value);
      const refusal = matches ? options.refuse?.(node.value) : allowed.refusal(node.value);
      if (refusal === undefined) return node.value;
      problems.error('bad-value', refusal, node);
    },
  };
}

export const flag: ValueType<boolean> = {
  words: 'true or false',
  schema: { type: 'boolean' },
  read(node, problems) {
    if (node.type === 'scalar' && typeof node.value === 'boolean') return node.value;
    const near = node.type === 'scalar' && /^(yes|on|no|off)$/i.test(String(node.value));
    return wrongType(node, 'true or false', problems, near ? 'write true or false, without quotes' : undefined);
  },
};

/** A whole number from 0 up. */
export const count: ValueType<number> = {
  words: 'a whole number',
  schema: { type: 'integer', minimum: 0 },
  read(node, problems) {
    if (node.type !== 'scalar' || typeof node.value !== 'number') return wrongType(node, 'a whole number', problems);
    if (Number.isSafeInteger(node.value) && node.value >= 0) return node.value;
    problems.mustBe(`a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`, node);
  },
};

/** One of the given words; `otherSpellings` lead to some of them. */
export function oneOf<const T extends string>(
  values: readonly T[],
  otherSpellings: Readonly<Record<string, T>> = {},
): ValueType<T> {
  const aliases = new Map(Object.entries(otherSpellings));
  const words = `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  return {
    words: `one of ${words}`,
    schema: { enum: [...values, ...aliases.keys()] },
    read(node, problems) {
      if (node.type !== 'scalar' || node.value === null) return wrongType(node, words, problems);
      const written = String(node.value);
      const value = values.find((candidate) => candidate === written) ?? aliases.get(written);
      if (value !== undefined && typeof node.value === 'string') return value;
      if (value !== undefined) return wrongType(node, `the string ${words}`, problems, 'put it in quotes');
      problems.mustBe(`${words}, not ${JSON.stringify(node.value)}`, node, didYouMean(nearestNames(written, values)));
    },
  };
}

/** One of the given numbers. */
export function oneNumberOf<const T extends number>(values: readonly T[]): ValueType<T> {
  const words = values.join(' or ');
  return {
    words,
    schema: { enum: [...values] },
    read(node, problems) {
      const value = node.type === 'scalar' ? values.find((candidate) => candidate === node.value) : undefined;
      return value ?? wrongType(node, words, problems);
    },
  };
}

/** Whichever of two types fits the value's form. */
export function either<A extends JsonValue, B extends JsonValue>(
  first: ValueType<A>,
  second: ValueType<B>,
  useFirst: (value: JsonValue) => boolean,
): ValueType<A | B> {
  return {
    words: `${first.words} or ${second.words}`,
    schema: { anyOf: [first.schema, second.schema] },
    read: (node, problems) => (node.type === 'scalar' && useFirst(node.value) ? first : second).read(node, problems),
  };
}
