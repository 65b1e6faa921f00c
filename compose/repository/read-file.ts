// One text file out of a commit.

import { ToolError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';

/** @returns null when the commit has no such file */
export async function readCommitFile(
  repo: string,
  commit: string,
  path: string,
  context: EngineContext,
): Promise<string | null> {
  try {
    return (await run(['ostree', `--repo=${repo}`, 'cat', commit, path], context.runOptions)).stdout;
  } catch (error) {
    if (error instanceof ToolError && error.output.includes('No such file')) return null;
    throw error;
  }
}
