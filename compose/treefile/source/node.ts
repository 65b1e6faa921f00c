// The tree that YAML, JSON and kickstart files are read into: plain values that know their place in the file.

import type { JsonValue } from '../treefile.ts';
import { positionOf, type SourceFile, type Span } from './source-file.ts';

export interface ScalarNode extends Span {
  readonly type: 'scalar';
  readonly value: null | boolean | number | string;
  /** Whether offset `start + n` is character `n` of the value, so that a part of the value can be pointed at. */
  readonly verbatim: boolean;
}

export interface SequenceNode extends Span {
  readonly type: 'sequence';
  readonly items: readonly SourceNode[];
}

export interface MappingEntry {
  readonly key: ScalarNode & { readonly value: string };
  readonly value: SourceNode;
}

export interface MappingNode extends Span {
  readonly type: 'mapping';
  /** In the order of the file; a name may occur twice. */
  readonly entries: readonly MappingEntry[];
}

export type SourceNode = ScalarNode | SequenceNode | MappingNode;

/** What a file's text turned out to be, or the place and reason why it cannot be read. */
export type ParseResult =
  | { readonly root: SourceNode }
  | { readonly error: { readonly span: Span; readonly message: string; readonly hint?: string } };

/** A scalar that stands for characters of the file. */
export function scalarNode(source: SourceFile, start: number, end: number, value: ScalarNode['value']): ScalarNode {
  const verbatim = typeof value === 'string' && source.text.slice(start, end) === value;
  return { type: 'scalar', source, start, end, value, verbatim };
}

/** The same value at another place that stands for it. `how` and the line that it was written on go into messages. */
export function relocate(node: SourceNode, { source, start, end }: Span, how: string): SourceNode {
  const { line } = positionOf(node);
  const place = { source, start, end, origin: `from line ${line}, ${how}` };
  switch (node.type) {
    case 'scalar':
      return { ...node, ...place, verbatim: false };
    case 'sequence':
      return { ...node, ...place, items: node.items.map((item) => relocate(item, place, how)) };
    case 'mapping': {
      const entries = node.entries.map(({ key, value }) => ({
        key: { ...key, ...place, verbatim: false },
        value: relocate(value, place, how),
      }));
      return { ...node, ...place, entries };
    }
  }
}

/** A key without a value, or with an explicit null, counts as not written. */
export function isEmpty(node: SourceNode): boolean {
  return node.type === 'scalar' && node.value === null;
}

/** The plain value of a node; of a name that occurs twice the last one counts. */
export function plainValue(node: SourceNode): JsonValue {
  switch (node.type) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(plainValue);
    case 'mapping':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key.value, plainValue(value)]));
  }
}

/** `a list`, `a number`, … for "must be X, not Y". */
export function describeNode(node: SourceNode): string {
  switch (node.type) {
    case 'sequence':
      return 'a list';
    case 'mapping':
      return 'a mapping';
    case 'scalar':
      if (node.value === null) return 'empty';
      if (typeof node.value === 'string') return 'a string';
      return typeof node.value === 'boolean' ? `the boolean ${node.value}` : `the number ${node.value}`;
  }
}
