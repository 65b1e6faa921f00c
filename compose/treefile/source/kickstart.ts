// Kickstart package lists -> the tree of the treefile that says the same. Only %packages and %include are allowed, as in rpm-ostree.

import type { MappingEntry, ParseResult, ScalarNode, SourceNode } from './node.ts';
import { scalarNode } from './node.ts';
import type { SourceFile } from './source-file.ts';

class KickstartError extends Error {
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;

  constructor(message: string, start: number, end: number, hint?: string) {
    super(message);
    this.start = start;
    this.end = end;
    this.hint = hint;
  }
}

export function parseKickstart(source: SourceFile): ParseResult {
  try {
    return { root: new KickstartReader(source).read() };
  } catch (error) {
    if (!(error instanceof KickstartError)) throw error;
    const { start, end, message, hint } = error;
    return { error: { span: { source, start, end }, message, ...(hint === undefined ? {} : { hint }) } };
  }
}

class KickstartReader {
  readonly #source: SourceFile;
  readonly #includes: ScalarNode[] = [];
  readonly #packages: ScalarNode[] = [];
  readonly #excluded: ScalarNode[] = [];
  #recommends: ScalarNode | undefined;
  /** Offset of the open `%packages`. */
  #open: number | undefined;

  constructor(source: SourceFile) {
    this.#source = source;
  }

  read(): SourceNode {
    for (const match of this.#source.text.matchAll(/[^\n]+/g)) {
      const uncommented = match[0].replace(/#.*/, '');
      const line = uncommented.trim();
      if (line !== '') this.#line(line, match.index + uncommented.indexOf(line));
    }
    if (this.#open !== undefined) {
      throw new KickstartError('%packages has no %end', this.#open, this.#open + '%packages'.length);
    }
    const source = this.#source;
    const entries: MappingEntry[] = [];
    const add = (name: string, items: readonly ScalarNode[]): void => {
      const first = items[0];
      if (first !== undefined) entries.push(entry(name, { ...first, type: 'sequence', items }));
    };
    add('include', this.#includes);
    add('packages', this.#packages);
    add('exclude-packages', this.#excluded);
    if (this.#recommends !== undefined) entries.push(entry('recommends', this.#recommends));
    return { type: 'mapping', source, start: 0, end: 1, entries };
  }

  #line(line: string, start: number): void {
    const end = start + line.length;
    const [verb = '', ...rest] = line.split(/\s+/);
    if (verb === '%include') {
      const file = line.slice('%include'.length).trim();
      if (file === '') throw new KickstartError('%include names no file', start, end);
      this.#includes.push(scalarNode(this.#source, end - file.length, end, file));
    } else if (verb === '%packages' && this.#open === undefined) {
      this.#open = start;
      for (const option of rest) this.#option(option, line, start);
    } else if (verb === '%end' && this.#open !== undefined) {
      this.#open = undefined;
    } else if (verb.startsWith('%') || this.#open === undefined) {
      const hint = 'only %packages, %end and %include can be used';
      throw new KickstartError(`the kickstart command "${verb}" cannot be used here`, start, start + verb.length, hint);
    } else {
      this.#package(line, start);
    }
  }

  #option(option: string, line: string, lineStart: number): void {
    const start = lineStart + line.indexOf(option);
    if (option !== '--exclude-weakdeps') {
      throw new KickstartError(
        `%packages has no option "${option}"`,
        start,
        start + option.length,
        'there is only --exclude-weakdeps',
      );
    }
    this.#recommends = scalarNode(this.#source, start, start + option.length, false);
  }

  #package(name: string, start: number): void {
    const excluded = name.startsWith('-');
    const plain = excluded ? name.slice(1).trimStart() : name;
    const node = scalarNode(this.#source, start + name.length - plain.length, start + name.length, plain);
    (excluded ? this.#excluded : this.#packages).push(node);
  }
}

/** The key has the place of its value: no such word is written in a kickstart file. */
function entry(name: string, value: SourceNode): MappingEntry {
  return { key: { ...scalarNode(value.source, value.start, value.end, name), value: name, verbatim: false }, value };
}
