// Runs the treefile's postprocess scripts. They find the configuration under both of its names, /etc and /usr/etc.

import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryInTree, inTree } from '../../../lib/in-tree.ts';
import type { EngineContext } from '../../context.ts';
import { removeMountPoint, runTreefileScript } from '../treefile-script.ts';

export interface PostprocessScripts {
  /** Texts of scripts, with or without a `#!` line. */
  readonly inline: readonly string[];
  /** Absolute paths of executables on the build machine. */
  readonly files: readonly string[];
  /** What all of them see beside the fixed environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws UserError `postprocess-failed` that says which script and what it said */
export async function runPostprocess(
  root: string,
  scripts: PostprocessScripts,
  folder: string,
  context: EngineContext,
): Promise<void> {
  const file = join(folder, 'postprocess');
  const { environment } = scripts;
  const sandbox = { root, writable: true, environment, readWrite: { [inTree(root, 'etc')]: '/usr/etc' } };
  try {
    for (const [index, text] of scripts.inline.entries()) {
      writeFileSync(file, text.startsWith('#!') ? text : `#!/bin/sh\n${text}`, { mode: 0o755 });
      await runTreefileScript(file, `postprocess script ${index + 1}`, sandbox, context);
    }
    for (const source of scripts.files) {
      copyFileSync(source, file);
      chmodSync(file, 0o755);
      await runTreefileScript(file, source, sandbox, context);
    }
  } finally {
    removeMountPoint(entryInTree(root, 'usr/etc'));
  }
}
