// The demo's input: the sample distribution of test/distro, made by its own program. Nothing else here knows where RPMs come from.

import { join } from 'node:path';
import { cacheDirectory } from '../../lib/cache.ts';
import type { SlipwayEvent } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { checkoutPath } from '../checkout.ts';
import type { CommandTools } from '../command.ts';

// Boots that are judged need systemd 256, which Debian has since trixie.
const suite = 'trixie';

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
