// JSON text -> tree with positions. JSON.parse gives no places, and YAML parsers refuse some JSON (tabs), so it is read here: RFC 8259.

import type { MappingEntry, ParseResult, SourceNode } from './node.ts';
import { scalarNode } from './node.ts';
import type { SourceFile } from './source-file.ts';

/** Nesting beyond this is refused, as serde_json does. */
const maxDepth = 128;

/** Reads a JSON file; names that occur twice are kept twice. */
export function parseJson(source: SourceFile): ParseResult {
  const reader = new JsonReader(source);
  try {
    return { root: reader.document() };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const span = { source, start: error.start, end: Math.max(error.end, error.start + 1) };
    const hint = looksLikeYaml(source.text)
      ? 'only files named .yaml or .yml are read as YAML, and .ks as kickstart; everything else is JSON'
      : undefined;
    return { error: { span, message: `not valid JSON: ${error.message}`, ...(hint === undefined ? {} : { hint }) } };
  }
}

class JsonError extends Error {
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end = start) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

class JsonReader {
  readonly #source: SourceFile;
  readonly #text: string;
  #at = 0;

  constructor(source: SourceFile) {
    this.#source = source;
    this.#text = source.text;
    if (this.#text.startsWith('\u{feff}')) this.#at = 1;
  }

  document(): SourceNode {
    const root = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw new JsonError('nothing may follow the value', this.#at);
    return root;
  }

  #value(depth: number): SourceNode {
    this.#space();
    const start = this.#at;
    if (depth > maxDepth) throw new JsonError(`nested deeper than ${maxDepth}`, start);
    const character = this.#text[start];
    if (character === '{') return this.#object(depth);
    if (character === '[') return this.#array(depth);
    if (character === '"') return this.#string();
    const word = /[\w.+-]*/y;
    word.lastIndex = start;
    const text = word.exec(this.#text)?.[0] ?? '';
    this.#at = start + text.length;
    if (text === 'null') return scalarNode(this.#source, start, this.#at, null);
    if (text === 'true' || text === 'false') return scalarNode(this.#source, start, this.#at, text === 'true');
    if (/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text))) {
      return scalarNode(this.#source, start, this.#at, Number(text));
    }
    if (character === undefined) throw new JsonError('the file ends where a value is due', start);
    throw new JsonError(`a value is due, not ${JSON.stringify(text || character)}`, start, this.#at);
  }

  #object(depth: number): SourceNode {
    const start = this.#at++;
    const entries: MappingEntry[] = [];
    for (this.#space(); !this.#take('}'); this.#space()) {
      if (entries.length > 0) this.#expect(',', 'or } after a member');
      this.#space();
      if (this.#text[this.#at] !== '"') throw new JsonError('a name in double quotes is due', this.#at);
      const key = this.#string();
      this.#space();
      this.#expect(':', 'after a name');
      entries.push({ key, value: this.#value(depth + 1) });
    }
    return { type: 'mapping', source: this.#source, start, end: this.#at, entries };
  }

  #array(depth: number): SourceNode {
    const start = this.#at++;
    const items: SourceNode[] = [];
    for (this.#space(); !this.#take(']'); this.#space()) {
      if (items.length > 0) this.#expect(',', 'or ] after an item');
      items.push(this.#value(depth + 1));
    }
    return { type: 'sequence', source: this.#source, start, end: this.#at, items };
  }

  #string(): MappingEntry['key'] {
    const start = this.#at;
    const literal = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
    literal.lastIndex = start;
    const found = literal.exec(this.#text)?.[0];
    if (found === undefined) throw new JsonError('the string does not end on its line', start, this.#lineEnd(start));
    this.#at = start + found.length;
    let value: string;
    try {
      value = JSON.parse(found) as string;
    } catch {
      throw new JsonError('the string has an escape that JSON does not know', start, this.#at);
    }
    return { ...scalarNode(this.#source, start + 1, Math.max(this.#at - 1, start + 2), value), value };
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string, where: string): void {
    if (!this.#take(character)) throw new JsonError(`${character} is due ${where}`, this.#at);
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end === -1 ? this.#text.length : end;
  }
}

function looksLikeYaml(text: string): boolean {
  return /^[a-z][\w-]*:( |$)/m.test(text);
}
