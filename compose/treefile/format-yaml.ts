// `slipway treefile fmt`: YAML in one layout, with its comments and in the author's order. Only white space between lines and at
// their ends changes, and only when the text still means the same.

import { isDeepStrictEqual } from 'node:util';
import { plainValue } from './source/node.ts';
import { SourceFile } from './source/source-file.ts';
import { parseYaml } from './source/yaml.ts';
import { readYamlLayout } from './source/yaml-layout.ts';

/** The text in its layout, or why it has none: a sentence that fits behind "it is left as it is:". */
export type FormattedYaml = { readonly text: string } | { readonly reason: string };

/**
 * Indents of two spaces, lists inside mappings indented too; no white space at line ends, at most one empty line in a row, one newline
 * at the end.
 */
export function formatYaml(text: string): FormattedYaml {
  const before = meaningOf(text);
  if (before === undefined) return { reason: 'it is not valid YAML' };
  const formatted = layOut(text.replaceAll('\r\n', '\n'));
  const after = meaningOf(formatted);
  if (after !== undefined && isDeepStrictEqual(before.value, after.value)) return { text: formatted };
  return { reason: 'it has YAML that cannot be laid out without a change of its meaning' };
}

function meaningOf(text: string): { value: unknown } | undefined {
  const result = parseYaml(new SourceFile('text', text));
  return 'root' in result ? { value: plainValue(result.root) } : undefined;
}

/** A line that begins or ends a document stands at the margin, and so does what comes behind it. */
const documentMarker = /^(---|\.\.\.)(\s|$)/;

function layOut(text: string): string {
  const lines = text.split('\n');
  const { indents, verbatim } = readYamlLayout(text, lines);
  const formatted: string[] = [];
  let shift = 0;
  for (const [number, line] of lines.entries()) {
    const old = indentOf(line);
    const indent = indents.get(number);
    if (indent !== undefined) shift = indent - old;
    else if (!verbatim.has(number) && documentMarker.test(line)) shift = 0;
    if (verbatim.has(number)) formatted.push(line.trim() === '' ? '' : move(line, old + shift));
    else if (line.trim() === '') {
      if (formatted.length > 0 && formatted.at(-1) !== '') formatted.push('');
    } else if (indent !== undefined) formatted.push(move(line.trimEnd(), indent));
    else if (line.trimStart().startsWith('#'))
      formatted.push(move(line.trimEnd(), commentIndent(number, old, lines, indents)));
    else formatted.push(move(line.trimEnd(), old + shift));
  }
  while (formatted.at(-1) === '') formatted.pop();
  return formatted.length === 0 ? '' : `${formatted.join('\n')}\n`;
}

/** A comment goes with the next line of structure below it that stood as far to the right, or with the next one at all. */
function commentIndent(
  number: number,
  old: number,
  lines: readonly string[],
  indents: ReadonlyMap<number, number>,
): number {
  const below = [...indents].filter(([line]) => line > number).sort(([a], [b]) => a - b);
  const next = below[0];
  if (next === undefined) return old === 0 ? 0 : indents.size === 0 ? old : [...indents].at(-1)![1];
  return next[1] + (old > indentOf(lines[next[0]]!) ? 2 : 0);
}

function move(line: string, indent: number): string {
  return ' '.repeat(Math.max(0, indent)) + line.trimStart();
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
