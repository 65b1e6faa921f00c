// Runs the treefile's own scripts inside the tree, confined as scriptlets are and without network. They find the configuration under both
// of its names, /etc and /usr/etc.

import { chmodSync, copyFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError, UserError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';
import { sandboxArgv } from '../sandbox.ts';

export interface PostprocessScripts {
  /** Texts of scripts, with or without a `#!` line. */
  readonly inline: readonly string[];
  /** Absolute paths of executables on the build machine. */
  readonly files: readonly string[];
  /** What all of them see beside the fixed environment. */
  readonly environment: Readonly<Record<string, string>>;
}

const scriptInside = '/run/slipway-postprocess';

/** @throws UserError `postprocess-failed` that says which script and what it said */
export async function runPostprocess(
  root: string,
  scripts: PostprocessScripts,
  folder: string,
  sourceDateEpoch: number,
  context: EngineContext,
): Promise<void> {
  const file = join(folder, 'postprocess');
  const environment = { ...scripts.environment, SOURCE_DATE_EPOCH: String(sourceDateEpoch) };
  for (const [index, text] of scripts.inline.entries()) {
    writeFileSync(file, text.startsWith('#!') ? text : `#!/bin/sh\n${text}`, { mode: 0o755 });
    await runScript(root, file, `postprocess script ${index + 1}`, environment, context);
  }
  for (const source of scripts.files) {
    copyFileSync(source, file);
    chmodSync(file, 0o755);
    await runScript(root, file, source, environment, context);
  }
}

async function runScript(
  root: string,
  file: string,
  title: string,
  environment: Readonly<Record<string, string>>,
  context: EngineContext,
): Promise<void> {
  const sandbox = {
    root,
    writable: true,
    environment,
    readOnly: { [file]: scriptInside },
    readWrite: { [join(root, 'etc')]: '/usr/etc' },
  };
  try {
    const result = await run(sandboxArgv(sandbox, [scriptInside]), context.runOptions);
    const said = `${result.stdout}${result.stderr}`.trim();
    if (said !== '') context.events.info(`${title}: ${said}`);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('postprocess-failed', `${title} failed: ${error.message}\n${error.output}`, { cause: error });
  } finally {
    removeMountPoint(join(root, 'usr/etc'));
  }
}

// bwrap makes the folder that it mounts on.
function removeMountPoint(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error;
  }
}
