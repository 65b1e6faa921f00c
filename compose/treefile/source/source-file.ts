// A text file that people wrote, and places in it: offsets become lines and columns only when a problem is printed.

import type { SourcePosition } from '../../../lib/diagnostics.ts';

/** A file's name and text; offsets into `text` are the currency of the whole treefile reader. */
export class SourceFile {
  /** As printed in messages: the path that the user gave, or one reached from it. */
  readonly path: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** Line, column and the line's text for the characters from `start` up to `end`; marks stay on the first line. */
  locate(start: number, end: number): { position: SourcePosition; sourceLine: string } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= start) low = middle;
      else high = middle - 1;
    }
    const lineStart = starts[low]!;
    const sourceLine = this.text.slice(lineStart, starts[low + 1] ?? this.text.length).replace(/[\r\n]+$/, '');
    const column = start - lineStart + 1;
    const endColumn = Math.max(column + 1, Math.min(end - lineStart, sourceLine.length) + 1);
    return { position: { file: this.path, line: low + 1, column, endColumn }, sourceLine };
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) {
        this.#lineStarts.push(at + 1);
      }
    }
    return this.#lineStarts;
  }
}

/** Some characters of a file: `start` to before `end`, both offsets into the file's text. */
export interface Span {
  readonly source: SourceFile;
  readonly start: number;
  readonly end: number;
  /** Where what they stand for is really written, when that is elsewhere; fits in parentheses behind a message. */
  readonly origin?: string;
}

/** File, line and columns of some characters. */
export function positionOf({ source, start, end }: Span): SourcePosition {
  return source.locate(start, end).position;
}
