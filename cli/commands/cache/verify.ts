// `slipway cache verify`: checks every cached object against its checksum.

import { cacheOptions, runCacheCommand } from '../../cache-command.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  options: cacheOptions,
  examples: [['cache verify', 'Check every cached file; exit status 1 when one is damaged']],
  run: (argv, tools) => runCacheCommand('verify', { cachedir: argv.cachedir }, tools),
});
