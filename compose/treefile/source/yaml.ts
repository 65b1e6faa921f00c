// YAML text -> tree with positions. js-yaml does the parsing: version 5 reports events with offsets, which no other maintained
// parser of its size does.

import {
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from 'js-yaml';
import type { MappingEntry, ParseResult, ScalarNode, SourceNode } from './node.ts';
import { relocate, scalarNode } from './node.ts';
import type { SourceFile, Span } from './source-file.ts';

const DOCUMENT = 1;
const SEQUENCE = 2;
const MAPPING = 3;
const SCALAR = 4;
const ALIAS = 5;
const POP = 6;
const PLAIN = 1;
const FLOW = 2;

/** Nodes that aliases may stand for in one file; beyond it the file is taken for an attack. */
const expandedNodeLimit = 100_000;

/** Reads the only document of a YAML file; an empty file is an empty mapping. Scalars follow the YAML 1.2 core schema. */
export function parseYaml(source: SourceFile): ParseResult {
  let events: Event[];
  try {
    events = parseEvents(source.text, { filename: source.path });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const start = Math.min(error.mark?.position ?? 0, source.text.length);
    return { error: { span: { source, start, end: start + 1 }, message: `not valid YAML: ${error.reason}` } };
  }
  try {
    return { root: new TreeBuilder(source, events).build() };
  } catch (error) {
    if (error instanceof TreeError) return { error: { span: error.span, message: error.message } };
    throw error;
  }
}

class TreeError extends Error {
  readonly span: Span;

  constructor(span: Span, message: string) {
    super(message);
    this.span = span;
  }
}

/** Turns the flat list of events into nested nodes. */
class TreeBuilder {
  readonly #source: SourceFile;
  readonly #events: readonly Event[];
  readonly #anchors = new Map<string, { node: SourceNode; size: number }>();
  #next = 0;
  #size = 0;

  constructor(source: SourceFile, events: readonly Event[]) {
    this.#source = source;
    this.#events = events;
  }

  build(): SourceNode {
    const source = this.#source;
    let root: SourceNode | undefined;
    while (this.#next < this.#events.length) {
      const event = this.#events[this.#next++]!;
      if (event.type !== DOCUMENT) continue;
      if (this.#events[this.#next]?.type === POP) continue;
      const node = this.#node(0);
      if (root !== undefined)
        throw new TreeError(node, 'a treefile is one YAML document, but here a second one begins');
      root = node;
    }
    return root ?? { type: 'mapping', source, start: 0, end: 0, entries: [] };
  }

  /** `near` is the place to blame for a value that is not written at all. */
  #node(near: number): SourceNode {
    const event = this.#events[this.#next++]!;
    const sizeBefore = this.#size++;
    switch (event.type) {
      case SCALAR:
        return this.#remember(event, this.#scalar(event, near), sizeBefore);
      case SEQUENCE: {
        const items: SourceNode[] = [];
        while (!this.#popped()) items.push(this.#node(event.start));
        const span = this.#structure(event, items);
        return this.#remember(event, { type: 'sequence', ...span, items }, sizeBefore);
      }
      case MAPPING: {
        const entries: MappingEntry[] = [];
        while (!this.#popped()) entries.push(this.#entry(event.start));
        const children = entries.flatMap(({ key, value }) => [key, value]);
        const span = this.#structure(event, children);
        return this.#remember(event, { type: 'mapping', ...span, entries }, sizeBefore);
      }
      case ALIAS:
        return this.#alias(event.anchorStart, event.anchorEnd);
      default:
        throw new TypeError(`unexpected YAML event ${event.type}`);
    }
  }

  /** From its first character to behind its last one: events only tell where structures begin. */
  #structure({ start, style }: SequenceEvent | MappingEvent, children: readonly SourceNode[]): Span {
    const source = this.#source;
    const last = Math.max(start + 1, ...children.map(({ end }) => end));
    const rest = style === FLOW ? /["']?(?:[\s,]|#[^\n]*)*[\]}]/y : /["']?/y;
    rest.lastIndex = last;
    return { source, start, end: last + (rest.exec(source.text)?.[0].length ?? 0) };
  }

  #popped(): boolean {
    if (this.#events[this.#next]?.type !== POP) return false;
    this.#next++;
    return true;
  }

  #entry(near: number): MappingEntry {
    const key = this.#node(near);
    if (key.type !== 'scalar') throw new TreeError(key, 'a key must be a plain word');
    const text = typeof key.value === 'string' ? key.value : this.#source.text.slice(key.start, key.end);
    return { key: { ...key, value: text, verbatim: key.verbatim }, value: this.#node(key.start) };
  }

  #scalar(event: ScalarEvent, near: number): ScalarNode {
    if (event.valueStart === -1) return scalarNode(this.#source, near, near + 1, event.tagStart === -1 ? null : '');
    const text = getScalarValue(this.#source.text, event);
    const tag = event.tagStart === -1 ? '' : this.#source.text.slice(event.tagStart, event.tagEnd);
    const value = event.style === PLAIN && tag !== '!' && !/^!+(<.*:)?str>?$/.test(tag) ? plainScalar(text) : text;
    return scalarNode(this.#source, event.valueStart, Math.max(event.valueEnd, event.valueStart + 1), value);
  }

  #remember(event: { anchorStart: number; anchorEnd: number }, node: SourceNode, sizeBefore: number): SourceNode {
    if (event.anchorStart !== -1) {
      const name = this.#source.text.slice(event.anchorStart, event.anchorEnd);
      this.#anchors.set(name, { node, size: this.#size - sizeBefore });
    }
    return node;
  }

  #alias(nameStart: number, end: number): SourceNode {
    const name = this.#source.text.slice(nameStart, end);
    const span = { source: this.#source, start: nameStart - 1, end };
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) throw new TreeError(span, `the alias *${name} stands for nothing written before it`);
    this.#size += anchor.size;
    if (this.#size > expandedNodeLimit) {
      throw new TreeError(span, `the aliases of this file stand for more than ${expandedNodeLimit} values`);
    }
    return relocate(anchor.node, span, `by the alias *${name}`);
  }
}

/** The YAML 1.2 core schema: https://yaml.org/spec/1.2.2/#103-core-schema */
function plainScalar(text: string): ScalarNode['value'] {
  if (/^(~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?(0|[1-9][0-9]*)$/.test(text) || /^0(o[0-7]+|x[0-9a-fA-F]+)$/.test(text)) return Number(text);
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) {
    // "007" and "1_000" are text; a number with a fraction or an exponent is a number.
    return /^[-+]?0[0-9]/.test(text) || !/[.eE]/.test(text) || !Number.isFinite(Number(text)) ? text : Number(text);
  }
  return text;
}
