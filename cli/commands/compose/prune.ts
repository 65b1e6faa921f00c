// `slipway compose prune`: old commits out of a repository.

import { type PruneResult, pruneRepository, secondsBefore } from '../../../compose/history/prune.ts';
import { defineCommand } from '../../command.ts';
import { requireAtLeast } from '../../option-values.ts';
import { readSigners, signingOptions } from '../../signing-options.ts';

export const command = defineCommand({
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository' },
    keep: { type: 'number', describe: 'Keep so many newest commits of each ref; one stays in any case' },
    'older-than': {
      type: 'number',
      describe: 'Keep commits not older than so many days; this or --keep is needed, and either may keep a commit',
    },
    'dry-run': { type: 'boolean', default: false, describe: 'Only say what would go' },
    ...signingOptions,
  } as const,
  examples: [
    ['compose prune --repo repo --keep 5', 'Keep the five newest commits of each ref'],
    ['compose prune --repo repo --older-than 90 --dry-run', 'What would go?'],
  ],
  async run(argv, { events, signal }) {
    const { repo, keep, olderThan, dryRun } = argv;
    requireAtLeast('keep', keep, 1);
    requireAtLeast('older-than', olderThan, 0);
    const policy = {
      ...(keep === undefined ? {} : { keep }),
      ...(olderThan === undefined ? {} : { since: secondsBefore(Date.now(), olderThan) }),
    };
    const signers = await readSigners(argv);
    const result = await pruneRepository({ repo, policy, dryRun, signers }, { events, signal });
    return { document: result, text: formatPruned(result) };
  },
});

export function formatPruned({ refs, dryRun }: PruneResult): string {
  const verb = dryRun ? 'would keep' : 'keeps';
  return refs.map(({ ref, kept, removed }) => `${ref} ${verb} ${kept} of ${kept + removed} commits`).join('\n');
}
