// `slipway test new`: the skeleton of an external test.

import { writeSkeleton } from '../../../qemu/suite/skeleton.ts';
import { defineCommand } from '../../command.ts';
import { selectionOptions } from './options.ts';

export const command = defineCommand({
  positionals: { name: { type: 'string', describe: 'Name, with / for folders', demandOption: true } },
  options: { tests: selectionOptions.tests },
  examples: [['test new network/dns', 'Write tests/kola/network/dns.sh']],
  async run({ name, tests }) {
    const file = await writeSkeleton(tests, name);
    return { document: { file }, text: `wrote ${file}; run it with \`slipway test run IMAGE --tests ${tests}\`` };
  },
});
