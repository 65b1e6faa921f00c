// `slipway cache verify`: checks every cached object against its checksum.

import { cacheOptions, runCacheCommand } from '../../cache-command.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  options: {
    ...cacheOptions,
    repair: { type: 'boolean', default: false, describe: 'Remove what is damaged; the next compose makes it again' },
  },
  examples: [
    ['cache verify', 'Check every cached file; exit status 1 when one is damaged'],
    ['cache verify --repair', 'Check, and remove what is damaged'],
  ],
  run: (argv, tools) => runCacheCommand(argv.repair ? 'repair' : 'verify', { cachedir: argv.cachedir }, tools),
});
