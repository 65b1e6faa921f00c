// The include tree of a treefile as text, as Graphviz DOT and as SVG.

import type { IncludeNode } from './include-tree.ts';

/** A tree drawn with lines; conditions and double includes are said behind the name. */
export function graphText(root: IncludeNode): string {
  const lines = [root.file];
  const draw = (node: IncludeNode, indent: string): void => {
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      lines.push(`${indent}${last ? '└── ' : '├── '}${child.file}${remarkOf(child)}`);
      draw(child, `${indent}${last ? '    ' : '│   '}`);
    });
  };
  draw(root, '');
  return lines.join('\n');
}

/** A directed graph, from the includer to the included; what a condition leaves out is dashed, what could not be read is red. */
export function graphDot(root: IncludeNode): string {
  const lines = ['digraph treefile {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];'];
  const files = new Set<string>();
  const visit = (node: IncludeNode): void => {
    if (!files.has(node.file)) lines.push(`  ${quote(node.file)};`);
    files.add(node.file);
    for (const child of node.children) {
      visit(child);
      const attributes = [
        ...(labelOf(child) === '' ? [] : [`label=${quote(labelOf(child))}`]),
        ...(child.state === 'skipped' ? ['style=dashed'] : []),
        ...(isBroken(child) ? ['color=red', 'fontcolor=red'] : []),
      ];
      lines.push(
        `  ${quote(node.file)} -> ${quote(child.file)}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`};`,
      );
    }
  };
  visit(root);
  return [...lines, '}'].join('\n');
}

const rowHeight = 28;
const indentWidth = 28;
/** Widest glyph of a 13 px monospaced font, in pixels. */
const glyphWidth = 7.9;

/** The tree as a picture: one row a file, indented under its includer. */
export function graphSvg(root: IncludeNode): string {
  const rows: { node: IncludeNode; depth: number; parentRow: number }[] = [];
  const collect = (node: IncludeNode, depth: number, parentRow: number): void => {
    const row = rows.push({ node, depth, parentRow }) - 1;
    for (const child of node.children) collect(child, depth + 1, row);
  };
  collect(root, 0, -1);
  const label = (node: IncludeNode): string => `${node.file}${remarkOf(node)}`;
  const width = Math.ceil(
    Math.max(...rows.map(({ node, depth }) => depth * indentWidth + label(node).length * glyphWidth + 40)),
  );
  const body = rows.map(({ node, depth, parentRow }, row) => {
    const x = 10 + depth * indentWidth;
    const y = 10 + row * rowHeight;
    const boxWidth = Math.ceil(label(node).length * glyphWidth + 16);
    const dash = node.state === 'skipped' ? ' stroke-dasharray="4 3"' : '';
    const line = isBroken(node) ? '#cf222e' : '#888';
    const elbow =
      parentRow < 0
        ? ''
        : `<path d="M${x - indentWidth + 12} ${10 + parentRow * rowHeight + 22}V${y + 11}H${x}" fill="none" stroke="${line}"${dash}/>`;
    const box = `<rect x="${x}" y="${y}" width="${boxWidth}" height="22" rx="4" fill="#f6f8fa" stroke="${line}"${dash}/>`;
    return `${elbow}${box}<text x="${x + 8}" y="${y + 15}">${escapeXml(label(node))}</text>`;
  });
  const height = 20 + rows.length * rowHeight;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="13">`;
  return [head, ...body, '</svg>'].join('\n');
}

function conditionsOf(node: IncludeNode): string {
  return (node.step?.conditions ?? []).join(' and ');
}

const states: Readonly<Record<IncludeNode['state'], string>> = {
  read: '',
  again: 'already merged above',
  skipped: 'left out',
  inline: 'inline',
  loop: 'a loop: it led here',
  failed: 'not read',
};

function isBroken({ state }: IncludeNode): boolean {
  return state === 'loop' || state === 'failed';
}

/** What an arrow says: the shape of the graph shows the other states. */
function labelOf(node: IncludeNode): string {
  return [conditionsOf(node), isBroken(node) ? states[node.state] : ''].filter((part) => part !== '').join('; ');
}

function remarkOf(node: IncludeNode): string {
  const conditions = conditionsOf(node);
  const remarks = [conditions === '' ? '' : `if ${conditions}`, states[node.state]].filter((remark) => remark !== '');
  return remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
