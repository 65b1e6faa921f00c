// `slipway treefile show`: one treefile without includes, as a compose would take it.

import { flattenTreefile } from '../../../compose/treefile/flatten.ts';
import { printTreefile } from '../../../compose/treefile/print.ts';
import { emitWarnings } from '../../../lib/diagnostics.ts';
import { archOption } from '../../arch-option.ts';
import { defineCommand } from '../../command.ts';
import { flattenOptions, treefilePositional } from './common.ts';

export const command = defineCommand({
  positionals: treefilePositional,
  options: {
    ...archOption,
    yaml: { type: 'boolean', describe: 'Print YAML instead of JSON', default: false },
  },
  examples: [
    ['treefile show host.yaml', 'Merge host.yaml with all its includes'],
    ['treefile show host.yaml --arch aarch64 --yaml', 'The same for another architecture, as YAML'],
  ],
  async run({ treefile, arch, yaml }, { events }) {
    const { flat, warnings } = flattenTreefile(treefile, flattenOptions(arch));
    emitWarnings(warnings, events);
    const printed = printTreefile(flat);
    if (!yaml) return { document: printed, text: JSON.stringify(printed, null, 2) };
    const { dump } = await import('js-yaml'); // the reader has it in memory already
    return { document: printed, text: dump(printed, { lineWidth: -1, noRefs: true }).trimEnd() };
  },
});
