// The demo's input: the sample distribution of test/distro, made by its own program. Nothing else here knows where RPMs come from.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import { UserError } from '../../lib/errors.ts';
import type { SlipwayEvent } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { checkoutPath } from '../checkout.ts';
import type { CommandTools } from '../command.ts';

// Boots that are judged need systemd 256, which Debian has since trixie.
const suite = 'trixie';

/**
 * The absolute path of a repository that somebody made.
 * @throws UserError `no-repository` when the folder holds no RPM repository
 */
export async function existingRepository(folder: string): Promise<string> {
  const path = resolve(folder);
  if (existsSync(join(path, 'repodata/repomd.xml'))) return path;
  throw new UserError('no-repository', `${path} is no RPM repository: it has no repodata/repomd.xml`, {
    hint: 'copy the folder sample/trixie from the cache of Slipway on a Debian machine, or leave --rpms out there',
  });
}

/**
 * Makes the sample RPM repository in the cache, out of this machine's own Debian archive, or takes what is there.
 * @returns the absolute path of the repository
 */
export async function makeSampleRepository(tools: CommandTools): Promise<string> {
  const program = checkoutPath('test/distro/main.ts', 'sample packages');
  const folder = join(cacheDirectory(), 'sample', suite);
  const forward = tools.events.forward();
  await run([process.execPath, program, '--output', folder, '--suite', suite, '--progress', 'json'], {
    env: { SLIPWAY_CACHE: cacheDirectory() },
    signal: tools.signal,
    events: tools.events,
    onLine: (line) => {
      if (line.startsWith('{')) forward(JSON.parse(line) as SlipwayEvent);
    },
  });
  return folder;
}
