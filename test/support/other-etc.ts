// A machine with another /etc: a command runs in a mount namespace of its own, over whose /etc a changed copy is laid. Nothing of this
// machine is changed. Needs root.

import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type RunResult, run } from '../../lib/run.ts';
import { temporaryFolder } from './temporary.ts';

const script = 'mount --bind "$1" /etc && shift && exec "$@"';

/** Runs `argv` with these files below /etc; `append` adds to what is there. */
export async function withEtc(
  t: ExecutionContext,
  files: Readonly<Record<string, string | { readonly append: string }>>,
  argv: readonly string[],
): Promise<RunResult> {
  const etc = join(await temporaryFolder(t), 'etc');
  await cp('/etc', etc, { recursive: true, verbatimSymlinks: true });
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string') await writeFile(join(etc, name), content);
    else await writeFile(join(etc, name), content.append, { flag: 'a' });
  }
  return run(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', etc, ...argv]);
}
