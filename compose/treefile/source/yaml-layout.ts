// Where the lines of a YAML text belong: the indent that each line of structure should have, and lines that are inside a scalar.

import { type Event, parseEvents } from 'js-yaml'; // its events carry offsets

const SEQUENCE = 2;
const MAPPING = 3;
const SCALAR = 4;
const ALIAS = 5;
const POP = 6;
const BLOCK = 1;

export interface YamlLayout {
  /** Line number (from 0) -> indent, for lines that begin with a key or a dash of block style. */
  readonly indents: ReadonlyMap<number, number>;
  /** Lines whose text is part of a scalar that began on a line before. */
  readonly verbatim: ReadonlySet<number>;
}

/** The text must be valid YAML with `\n` line ends; `lines` are its lines. */
export function readYamlLayout(text: string, lines: readonly string[]): YamlLayout {
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1)! + line.length + 1);
  const walk = new LayoutWalk(text, starts, parseEvents(text, {}));
  walk.documents();
  return walk;
}

class LayoutWalk implements YamlLayout {
  readonly indents = new Map<number, number>();
  readonly verbatim = new Set<number>();
  readonly #text: string;
  readonly #starts: readonly number[];
  readonly #events: readonly Event[];
  #next = 0;

  constructor(text: string, starts: readonly number[], events: readonly Event[]) {
    this.#text = text;
    this.#starts = starts;
    this.#events = events;
  }

  documents(): void {
    while (this.#next < this.#events.length) {
      const event = this.#events[this.#next]!;
      if (event.type === SEQUENCE || event.type === MAPPING || event.type === SCALAR) this.#node(0);
      else this.#next++;
    }
  }

  /** `indent`: the column at which the node's lines of structure begin. */
  #node(indent: number): void {
    const event = this.#events[this.#next++]!;
    if (event.type === SCALAR && event.valueStart !== -1) {
      const last = this.#lineOf(Math.max(event.valueStart, event.valueEnd - 1));
      for (let line = this.#lineOf(event.valueStart) + 1; line <= last; line++) this.verbatim.add(line);
      // A block scalar's value begins on the line below its sign.
      if (event.indent > 0) this.verbatim.add(this.#lineOf(event.valueStart));
    } else if (event.type === SEQUENCE || event.type === MAPPING) {
      while (this.#events[this.#next]!.type !== POP) {
        if (event.style !== BLOCK) this.#node(indent);
        else if (event.type === SEQUENCE) this.#item(indent);
        else this.#entry(indent);
      }
      this.#next++;
    }
  }

  #item(indent: number): void {
    const start = startOf(this.#events[this.#next]!);
    const dash = start === -1 ? -1 : this.#text.lastIndexOf('-', start - 1);
    if (dash === -1) {
      this.#node(indent + 2);
      return;
    }
    this.#place(dash, indent);
    // What follows the dash on its line keeps its distance, so that the text of the line stays as it is.
    const sameLine = this.#lineOf(dash) === this.#lineOf(start) && start > dash;
    this.#node(indent + (sameLine ? start - dash : 2));
  }

  #entry(indent: number): void {
    const key = startOf(this.#events[this.#next]!);
    this.#place(key, indent);
    this.#node(indent);
    const value = startOf(this.#events[this.#next]!);
    const colon = key === -1 ? undefined : this.#explicitValue(key, value);
    if (colon !== undefined) this.#place(colon, indent);
    const sameLine = colon !== undefined && value !== -1 && this.#lineOf(colon) === this.#lineOf(value);
    this.#node(indent + (sameLine ? value - colon : 2));
  }

  /** Offset of the colon that begins a line between a key (written `? key`) and its value. */
  #explicitValue(key: number, value: number): number | undefined {
    const last = value === -1 ? this.#lineOf(key) + 1 : this.#lineOf(value);
    for (let line = this.#lineOf(key) + 1; line <= last && !this.verbatim.has(line); line++) {
      const begin = /^[ ]*(?=:(\s|$))/.exec(this.#text.slice(this.#starts[line], this.#starts[line + 1]));
      if (begin !== null) return this.#starts[line]! + begin[0].length;
    }
    return undefined;
  }

  #place(offset: number, indent: number): void {
    if (offset < 0) return;
    const line = this.#lineOf(offset);
    const before = this.#text.slice(this.#starts[line], offset);
    // A quoted key begins one character before its value, and a key may be written behind a question mark.
    if (/^\s*(\?\s+)?["']?$/.test(before)) this.indents.set(line, indent);
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function startOf(event: Event): number {
  if (event.type === SCALAR) return event.valueStart;
  if (event.type === ALIAS) return event.anchorStart;
  return event.type === SEQUENCE || event.type === MAPPING ? event.start : -1;
}
