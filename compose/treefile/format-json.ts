// `slipway treefile fmt`: JSON in one layout. It is printed from the tree, so that every value keeps its spelling (digits of large
// numbers, escapes) and a name that occurs twice, as comments may, stays twice.

import type { MappingNode, ScalarNode, SequenceNode, SourceNode } from './source/node.ts';

const step = '  ';

/** Indents by two spaces, one member or item a line, and ends with a newline. */
export function formatJson(root: SourceNode): string {
  return `${printNode(root, '')}\n`;
}

function printNode(node: SourceNode, indent: string): string {
  switch (node.type) {
    case 'scalar':
      return printScalar(node);
    case 'sequence':
      return printSequence(node, indent);
    case 'mapping':
      return printMapping(node, indent);
  }
}

/** As it is written. The place of a string is that of the characters between its quotes. */
function printScalar({ source, start, end, value }: ScalarNode): string {
  if (value === '') return '""';
  return typeof value === 'string' ? source.text.slice(start - 1, end + 1) : source.text.slice(start, end);
}

function printSequence({ items }: SequenceNode, indent: string): string {
  const inner = indent + step;
  return printLines(
    '[',
    ']',
    indent,
    items.map((item) => inner + printNode(item, inner)),
  );
}

function printMapping({ entries }: MappingNode, indent: string): string {
  const inner = indent + step;
  const lines = entries.map(({ key, value }) => `${inner}${printScalar(key)}: ${printNode(value, inner)}`);
  return printLines('{', '}', indent, lines);
}

function printLines(open: string, close: string, indent: string, lines: readonly string[]): string {
  return lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
