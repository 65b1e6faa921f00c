// `slipway compose diff`: what an update from one commit to another brings.

import { compareCommits } from '../../../compose/difference/difference.ts';
import { defineCommand } from '../../command.ts';
import { formatDifference, formatDifferenceHtml } from '../../views/difference.ts';

export const command = defineCommand({
  positionals: {
    before: { type: 'string', demandOption: true, describe: 'Ref, checksum, version or REF^' },
    after: { type: 'string', demandOption: true, describe: 'The same for the newer one' },
  },
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository' },
    format: { choices: ['text', 'json', 'html'], default: 'text', describe: 'Form of the result' },
  } as const,
  examples: [
    ['compose diff os/host^ os/host --repo repo', 'What did the last compose change?'],
    ['compose diff 42.1 42.2 --repo repo --format html > update.html', 'A page for the release notes'],
  ],
  async run({ repo, before, after, format }, { events, signal }) {
    const difference = await compareCommits(repo, before, after, { events, signal });
    return { document: difference, text: formats[format](difference) };
  },
});

const formats = {
  text: formatDifference,
  json: (difference: unknown): string => JSON.stringify(difference, null, 2),
  html: formatDifferenceHtml,
} as const;
