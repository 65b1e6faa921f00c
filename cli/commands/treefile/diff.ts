// `slipway treefile diff`: what two treefiles would compose differently.

import { diffTreefiles, formatChanges } from '../../../compose/treefile/diff.ts';
import { flattenTreefile } from '../../../compose/treefile/flatten.ts';
import { emitWarnings } from '../../../lib/diagnostics.ts';
import { archOption } from '../../arch-option.ts';
import { defineCommand } from '../../command.ts';
import { flattenOptions } from './common.ts';

export const command = defineCommand({
  positionals: {
    before: { type: 'string', describe: 'The first treefile', demandOption: true },
    after: { type: 'string', describe: 'The second treefile', demandOption: true },
  },
  options: archOption,
  examples: [['treefile diff old.yaml new.yaml', 'Compare after merging all includes']],
  async run({ before, after, arch }, { events }) {
    const [old, now] = [flattenTreefile(before, flattenOptions(arch)), flattenTreefile(after, flattenOptions(arch))];
    emitWarnings([...old.warnings, ...now.warnings], events);
    const changes = await diffTreefiles(old.flat, now.flat);
    return {
      document: { kind: 'treefile-diff', version: 1, changes },
      text: changes.length === 0 ? 'both mean the same' : formatChanges(changes),
    };
  },
});
