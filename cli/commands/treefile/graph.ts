// `slipway treefile graph`: what includes what, and under which conditions.

import { flattenTreefile } from '../../../compose/treefile/flatten.ts';
import { graphDot, graphSvg, graphText } from '../../../compose/treefile/graph.ts';
import { defineCommand } from '../../command.ts';
import { archOption, emitWarnings, flattenOptions, treefilePositional } from './common.ts';

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
    const { flat, warnings } = flattenTreefile(treefile, flattenOptions(arch));
    emitWarnings(warnings, events);
    return {
      document: { kind: 'treefile-graph', version: 1, root: flat.tree },
      text: formats[format](flat.tree),
    };
  },
});
