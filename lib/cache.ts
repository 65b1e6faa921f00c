// Where caches live: outside any checkout, content addressed, safe to delete at any time when nothing runs.

import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$SLIPWAY_CACHE`, else `$XDG_CACHE_HOME/slipway`, else `~/.cache/slipway`. */
export function cacheDirectory(): string {
  if (process.env.SLIPWAY_CACHE !== undefined) return process.env.SLIPWAY_CACHE;
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway');
}
