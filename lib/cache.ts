// Where caches live: outside any checkout, content addressed, safe to delete at any time when nothing runs.

import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * `$SLIPWAY_CACHE`, else `$XDG_CACHE_HOME/slipway`, else `~/.cache/slipway`; always absolute. An empty variable counts as unset, and so does a
 * relative `$XDG_CACHE_HOME` (XDG Base Directory Specification).
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { SLIPWAY_CACHE: own = '', XDG_CACHE_HOME: users = '' } = environment;
  if (own !== '') return resolve(own);
  return join(isAbsolute(users) ? users : join(homedir(), '.cache'), 'slipway');
}
