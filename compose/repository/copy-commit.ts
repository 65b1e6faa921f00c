// Copies a commit with all its objects from one repository into another; no ref names it there yet.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { hasCommit } from './commit.ts';
import { addDetachedMetadata, readDetachedMetadata } from './detached.ts';

/** A pull puts the metadata of the source in place of what the target has, with signatures that only the target may know. */
export async function copyCommit(from: string, to: string, checksum: string, context: EngineContext): Promise<void> {
  const isWhole = hasCommit(to, checksum) && !existsSync(join(to, 'state', `${checksum}.commitpartial`));
  if (isWhole) await addDetachedMetadata(to, checksum, await readDetachedMetadata(from, checksum));
  else await run(pullArgv(from, to, checksum), context.runOptions);
}

export function pullArgv(from: string, to: string, checksum: string): string[] {
  return ['ostree', `--repo=${to}`, 'pull-local', from, checksum];
}
