import test from 'ava';
import { graphDot, graphSvg, graphText } from '../../../compose/treefile/graph.ts';
import { readTree } from './read-tree.ts';

const files = {
  'top.yaml': [
    'include: [a.yaml, b.yaml]',
    'arch-include: {s390x: s.yaml}',
    'conditional-include: [{if: basearch == "x86_64", include: {packages: [x]}}]',
  ].join('\n'),
  'a.yaml': 'include: b.yaml\n',
  'b.yaml': '',
};

test('the include tree is drawn as text', async (t) => {
  const { flat, folder } = await readTree(t, files);
  t.is(
    graphText(flat!.tree).replaceAll(`${folder}/`, ''),
    [
      'top.yaml',
      '├── top.yaml:3 (if basearch == "x86_64"; inline)',
      '├── a.yaml',
      '│   └── b.yaml',
      '├── b.yaml (already merged above)',
      '└── s.yaml (if basearch == "s390x"; left out)',
    ].join('\n'),
  );
});

test('the include tree is drawn as DOT, with conditions on the arrows', async (t) => {
  const { flat, folder } = await readTree(t, files);
  const dot = graphDot(flat!.tree).replaceAll(`${folder}/`, '');
  t.true(dot.startsWith('digraph treefile {\n'));
  t.true(dot.includes('  "a.yaml" -> "b.yaml";\n'));
  t.true(dot.includes('  "top.yaml" -> "s.yaml" [label="basearch == \\"s390x\\"", style=dashed];\n'));
});

test('the include tree is drawn as SVG, one row a file', async (t) => {
  const { flat } = await readTree(t, files);
  const svg = graphSvg(flat!.tree);
  t.is(svg.match(/<rect /g)?.length, 6);
  t.is(svg.match(/<path /g)?.length, 5);
  t.true(svg.includes('if basearch == &quot;') || svg.includes('if basearch == "x86_64"'));
  t.true(svg.endsWith('</svg>'));
});

test('what could not be read is drawn as such: a loop, and a file that is missing', async (t) => {
  const { flat, folder } = await readTree(t, {
    'top.yaml': 'include: [a.yaml, gone.yaml]\n',
    'a.yaml': 'include: [top.yaml, gone.yaml]\n',
  });
  t.is(
    graphText(flat!.tree).replaceAll(`${folder}/`, ''),
    [
      'top.yaml',
      '├── a.yaml',
      '│   ├── top.yaml (a loop: it led here)',
      '│   └── gone.yaml (not read)',
      '└── gone.yaml (not read)',
    ].join('\n'),
  );
  const dot = graphDot(flat!.tree).replaceAll(`${folder}/`, '');
  t.true(dot.includes('  "a.yaml" -> "top.yaml" [label="a loop: it led here", color=red, fontcolor=red];\n'));
  t.true(dot.includes('  "top.yaml" -> "gone.yaml" [label="not read", color=red, fontcolor=red];\n'));
  t.is(graphSvg(flat!.tree).match(/stroke="#cf222e"/g)?.length, 6, 'a line and a box of three rows');
});
