// `slipway treefile graph`: what includes what, and under which conditions.

import { flattenInto } from '../../../compose/treefile/flatten.ts';
import { graphDot, graphSvg, graphText } from '../../../compose/treefile/graph.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { emitWarnings, formatDiagnostic, sortDiagnostics } from '../../../lib/diagnostics.ts';
import { archOption } from '../../arch-option.ts';
import { defineCommand } from '../../command.ts';
import { flattenOptions, treefilePositional } from './common.ts';

const formats = { text: graphText, dot: graphDot, svg: graphSvg } as const;

export const command = defineCommand({
  positionals: treefilePositional,
  options: {
    ...archOption,
    format: { choices: ['text', 'dot', 'svg'] as const, describe: 'How to draw it', default: 'text' as const },
  },
  examples: [
    ['treefile graph host.yaml', 'Draw the include tree as text'],
    ['treefile graph host.yaml --format svg > includes.svg', 'Draw it as a picture'],
  ],
  async run({ treefile, arch, format }, { events }) {
    const problems = new Problems();
    const flat = flattenInto(treefile, flattenOptions(arch), problems);
    // A file that could not be read is drawn as one; without the first there is nothing to draw.
    if (flat === undefined) problems.throwIfErrors();
    const { tree } = flat!;
    const diagnostics = sortDiagnostics(problems.diagnostics);
    emitWarnings(diagnostics, events);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    return {
      document: { kind: 'treefile-graph', version: 1, root: tree, diagnostics },
      text: formats[format](tree),
      complaint: errors.map(formatDiagnostic).join('\n\n'),
      exitCode: errors.length === 0 ? 0 : 1,
    };
  },
});
