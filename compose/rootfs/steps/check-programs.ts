// Runs the smallest program of the tree, to find out before anything else does when its C library or loader is broken.

import { existsSync } from 'node:fs';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { inTree } from '../../../lib/in-tree.ts';
import { run } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';
import { sandboxArgv } from '../sandbox.ts';

const program = '/usr/bin/true';

/** @throws UserError `tree-broken` with what was said */
export async function checkPrograms(root: string, context: EngineContext): Promise<void> {
  if (!existsSync(inTree(root, program))) return;
  try {
    await run(sandboxArgv({ root, writable: false }, [program]), context.runOptions);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('tree-broken', `${program} does not run in the tree: ${error.output.trim()}`, {
      hint: 'a scriptlet or layer has damaged the C library, its loader or the program itself',
      cause: error,
    });
  }
}
