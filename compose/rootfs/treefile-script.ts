// Runs one of the treefile's own scripts inside the tree, confined as scriptlets are and without network; what it says is passed on.

import { rmdirSync } from 'node:fs';
import { assertCouldWrite } from '../../lib/disk-full.ts';
import { ToolError, UserError } from '../../lib/errors.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { type Sandbox, sandboxArgv } from './sandbox.ts';

const scriptInside = '/run/slipway-script';

/**
 * @param file absolute path of an executable on the build machine
 * @param title names the script in messages
 * @throws UserError `postprocess-failed` that says which script and what it said
 */
export async function runTreefileScript(
  file: string,
  title: string,
  sandbox: Sandbox,
  context: EngineContext,
): Promise<void> {
  const withScript = { ...sandbox, readOnly: { ...sandbox.readOnly, [file]: scriptInside } };
  try {
    const result = await run(sandboxArgv(withScript, [scriptInside]), context.runOptions);
    const said = `${result.stdout}${result.stderr}`.trim();
    assertCouldWrite(said, title);
    if (said !== '') context.events.info(`${title}: ${said}`);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('postprocess-failed', `${title} failed: ${error.message}\n${error.output}`, { cause: error });
  }
}

/** Removes the folder that bwrap made to mount on; one with content was there before. */
export function removeMountPoint(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error;
  }
}
