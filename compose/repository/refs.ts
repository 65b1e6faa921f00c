// Moves refs.

import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';

/** Makes a ref name a commit; whoever reads it at the same time sees the old or the new one. */
export async function moveRef(repo: string, ref: string, checksum: string, context: EngineContext): Promise<void> {
  await run(moveRefArgv(repo, ref, checksum), context.runOptions);
}

export function moveRefArgv(repo: string, ref: string, checksum: string): string[] {
  return ['ostree', `--repo=${repo}`, 'refs', '--force', `--create=${ref}`, checksum];
}
