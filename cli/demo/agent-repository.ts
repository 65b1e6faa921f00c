// The host agent's packages as an RPM repository: the one thing in a host that comes from Slipway itself.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildAgentRpms } from '../../host-agent/package/build.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { run } from '../../lib/run.ts';
import type { CommandTools } from '../command.ts';

// Any fixed time will do: equal sources must give an equal repository, so that an unchanged host is recognised.
const sourceDateEpoch = 1_700_000_000;

/** Makes the packages and their repository in the cache. Returns its absolute path. */
export async function makeAgentRepository(tools: CommandTools): Promise<string> {
  const folder = join(cacheDirectory(), 'demo', 'agent');
  await rm(folder, { recursive: true, force: true });
  await buildAgentRpms({ outputDir: folder, sourceDateEpoch }, tools);
  await run(createrepoArgv(folder), { signal: tools.signal, events: tools.events });
  return folder;
}

/** Equal packages give equal metadata: no time but the given one, no database. */
export function createrepoArgv(folder: string): string[] {
  return [
    'createrepo_c',
    '--quiet',
    '--no-database',
    '--general-compress-type=gz',
    `--revision=${sourceDateEpoch}`,
    '--set-timestamp-to-revision',
    folder,
  ];
}
