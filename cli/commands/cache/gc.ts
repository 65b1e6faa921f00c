// `slipway cache gc`: removes what no compose has used for long.

import { cacheOptions, runCacheCommand } from '../../cache-command.ts';
import { defineCommand } from '../../command.ts';
import { requireAtLeast } from '../../option-values.ts';

export const command = defineCommand({
  options: {
    ...cacheOptions,
    days: { type: 'number', default: 30, describe: 'Remove what was not used in so many days' },
  },
  examples: [
    ['cache gc', 'Remove what was not used in 30 days'],
    ['cache gc --days 0', 'Remove everything'],
  ],
  async run(argv, tools) {
    requireAtLeast('days', argv.days, 0);
    return await runCacheCommand('gc', { cachedir: argv.cachedir, days: argv.days }, tools);
  },
});
