// Reads the INI dialect of `.repo` files (dnf.conf(5)) into sections whose values keep their places; knows no key by name.

import type { Diagnostic, SourcePosition } from '../../lib/diagnostics.ts';

export interface IniValue {
  readonly key: string;
  /** Continuation lines are joined with a line feed. */
  readonly value: string;
  /** Line of the same key further up, whose value does not count. */
  readonly overriddenLine?: number;
  /** Place of the key. */
  readonly position: SourcePosition;
  readonly sourceLine: string;
}

export interface IniSection {
  readonly name: string;
  readonly position: SourcePosition;
  readonly sourceLine: string;
  /** The last value of a key wins, as in dnf. */
  readonly values: ReadonlyMap<string, IniValue>;
}

/** Sections in the order of the file. Problems are collected, never thrown; what can be read is returned. */
export function parseIni(text: string, file: string): { sections: IniSection[]; diagnostics: Diagnostic[] } {
  const sections: (IniSection & { values: Map<string, IniValue> })[] = [];
  const diagnostics: Diagnostic[] = [];
  let lastValue: IniValue | undefined;
  const complain = (code: string, message: string, line: number, sourceLine: string, hint?: string): void => {
    const position = { file, line, column: 1, endColumn: sourceLine.length + 1 };
    diagnostics.push({
      severity: 'error',
      code,
      message,
      position,
      sourceLine,
      ...(hint === undefined ? {} : { hint }),
    });
  };

  for (const [index, rawLine] of text.split('\n').entries()) {
    const line = index + 1;
    const sourceLine = rawLine.replace(/\r$/, '');
    const content = sourceLine.trim();
    const section = sections.at(-1);
    if (content === '') {
      lastValue = undefined;
    } else if (/^[#;]/.test(content)) {
      // A comment does not end a list of continuation lines.
    } else if (/^\s/.test(sourceLine) && section !== undefined && lastValue !== undefined) {
      lastValue = { ...lastValue, value: `${lastValue.value}\n${content}` };
      section.values.set(lastValue.key, lastValue);
    } else if (content.startsWith('[')) {
      lastValue = undefined;
      const name = /^\[([^\]]+)\]$/.exec(content)?.[1]?.trim();
      const earlier = sections.find((known) => known.name === name);
      if (name === undefined || name === '') {
        complain('repo-file-syntax', 'a section is written [id]', line, sourceLine);
      } else if (earlier !== undefined) {
        const message = `the section [${name}] is already defined in line ${earlier.position.line}`;
        complain('duplicate-section', message, line, sourceLine);
      }
      const position = { file, line, column: 1, endColumn: sourceLine.length + 1 };
      sections.push({ name: name ?? '', position, sourceLine, values: new Map() });
    } else {
      const match = /^\s*([^=:\s]+)\s*[=:]\s*(.*?)\s*$/.exec(sourceLine);
      if (match === null) {
        complain('repo-file-syntax', 'a line is neither [id], key=value nor a comment', line, sourceLine);
      } else if (section === undefined) {
        complain('repo-file-syntax', 'a value stands before the first [id]', line, sourceLine);
      } else {
        const key = match[1]!.toLowerCase();
        const column = sourceLine.indexOf(match[1]!) + 1;
        const position = { file, line, column, endColumn: column + key.length };
        const earlier = section.values.get(key);
        const overridden = earlier === undefined ? {} : { overriddenLine: earlier.position.line };
        lastValue = { key, value: match[2]!, ...overridden, position, sourceLine };
        section.values.set(key, lastValue);
      }
    }
  }
  return { sections, diagnostics };
}
