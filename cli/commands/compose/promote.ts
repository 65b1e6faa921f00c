// `slipway compose promote`: the same commit under another ref.

import { promoteCommit } from '../../../compose/history/promote.ts';
import { defineCommand } from '../../command.ts';
import { readSigners, signingOptions } from '../../signing-options.ts';

export const command = defineCommand({
  positionals: { commit: { type: 'string', demandOption: true, describe: 'Ref, checksum, version or REF^' } },
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository' },
    to: { type: 'string', demandOption: true, describe: 'Ref that shall name the commit' },
    ...signingOptions,
  } as const,
  examples: [['compose promote os/testing --to os/stable --repo repo', 'What was tested becomes stable, bit for bit']],
  async run(argv, { events, signal }) {
    const { repo, commit, to } = argv;
    const result = await promoteCommit({ repo, commit, to, signers: await readSigners(argv) }, { events, signal });
    const version = result.commitVersion === null ? '' : ` version ${result.commitVersion}`;
    const text =
      result.previous === result.checksum
        ? `${to} names ${result.checksum} already`
        : `${to} names ${result.checksum}${version}`;
    return { document: result, text };
  },
});
