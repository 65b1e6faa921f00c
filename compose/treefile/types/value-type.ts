// What a value may be: one object that reads it, describes it to people and describes it to editors.

import type { Problems } from '../problems.ts';
import type { SourceNode } from '../source/node.ts';
import { describeNode } from '../source/node.ts';
import type { JsonValue } from '../treefile.ts';

export type JsonSchema = { readonly [key: string]: JsonValue };

export interface ValueType<T> {
  /** With article, for "must be …", e.g. `a list of strings`. */
  readonly words: string;
  readonly schema: JsonSchema;
  /** The value, or undefined after every problem with it has been reported. */
  read(node: SourceNode, problems: Problems): T | undefined;
}

export type TypeOf<V> = V extends ValueType<infer T> ? T : never;

/** Reports that a value is of the wrong type. */
export function wrongType(node: SourceNode, words: string, problems: Problems, hint?: string): undefined {
  problems.mustBe(`${words}, not ${describeNode(node)}`, node, hint);
}
