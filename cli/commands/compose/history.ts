// `slipway compose history`: the commits of a ref, newest first.

import { type History, readHistory } from '../../../compose/history/history.ts';
import { defineCommand } from '../../command.ts';
import { formatTime } from '../../format.ts';
import { requireAtLeast } from '../../option-values.ts';

export const command = defineCommand({
  options: {
    repo: { type: 'string', demandOption: true, describe: 'OSTree repository' },
    ref: { type: 'string', demandOption: true, describe: 'Ref (a checksum, a version or REF^ does too)' },
    limit: { type: 'number', describe: 'So many newest commits (default: all)' },
  } as const,
  examples: [['compose history --repo repo --ref os/host', 'Versions, times, packages, and what changed']],
  async run({ repo, ref, limit }) {
    requireAtLeast('limit', limit, 1);
    const history = await readHistory(repo, ref, limit);
    return { document: history, text: formatHistory(history) };
  },
});

export function formatHistory({ commits, complete }: History): string {
  const lines = commits.map(({ checksum, version, timestamp, packages, changes, inputId, refs }) =>
    [
      checksum.slice(0, 12),
      formatTime(timestamp),
      version ?? '(no version)',
      `${packages} packages${changes === null ? '' : ` (+${changes.added} -${changes.removed} ~${changes.changed})`}`,
      inputId === null ? '' : `input ${inputId.slice(0, 12)}`,
      refs.join(' '),
    ]
      .filter((word) => word !== '')
      .join('  '),
  );
  return [...lines, ...(complete ? [] : ['…'])].join('\n');
}
