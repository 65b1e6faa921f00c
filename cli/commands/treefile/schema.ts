// `slipway treefile schema`: the JSON Schema of treefiles for editors, or the reference page.

import { treefileSchema } from '../../../compose/treefile/json-schema.ts';
import { treefileReference } from '../../../compose/treefile/reference.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  options: {
    docs: { type: 'boolean', describe: 'Print the reference page (Markdown) instead', default: false },
  },
  examples: [
    ['treefile schema > treefile.schema.json', 'For editors: # yaml-language-server: $schema=treefile.schema.json'],
    ['treefile schema --docs > docs/treefile.md', 'Make the reference page again'],
  ],
  async run({ docs }) {
    const schema = treefileSchema();
    return { document: schema, text: docs ? treefileReference().trimEnd() : JSON.stringify(schema, null, 2) };
  },
});
