// `slipway test new`: the skeleton of a test.

import { writeSkeleton } from '../../../qemu/suite/skeleton.ts';
import { defineCommand } from '../../command.ts';
import { selectionOptions } from './options.ts';

export const command = defineCommand({
  positionals: { name: { type: 'string', describe: 'Name, with / for folders', demandOption: true } },
  options: {
    tests: selectionOptions.tests,
    ts: { type: 'boolean', default: false, describe: 'In TypeScript instead of a shell script' },
  },
  examples: [
    ['test new network/dns', 'Write tests/kola/network/dns.sh'],
    ['test new network/dns --ts', 'Write tests/kola/network/dns.boot.ts'],
  ],
  async run({ name, tests, ts }) {
    const file = await writeSkeleton(tests, name, ts ? 'typescript' : 'shell');
    const text = `wrote ${file}; run it with \`slipway test run IMAGE --tests ${tests}\``;
    return { document: { kind: 'test-skeleton', version: 1, file }, text };
  },
});
