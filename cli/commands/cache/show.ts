// `slipway cache show`: what the package cache holds.

import { cacheOptions, runCacheCommand } from '../../cache-command.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  options: cacheOptions,
  examples: [['cache show', 'How many packages are cached, and how much room they take']],
  run: (argv, tools) => runCacheCommand('show', { cachedir: argv.cachedir }, tools),
});
