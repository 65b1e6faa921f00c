// Makes the index of a kernel's modules where no package or script did: without modules.dep nothing can be loaded by name, in the initramfs
// least of all.

import { existsSync } from 'node:fs';
import { inTree } from '../../../lib/in-tree.ts';
import { run } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';
import { sandboxArgv } from '../sandbox.ts';
import { modulesFolder } from './kernel.ts';

/** Runs the tree's own depmod(8); a tree without one keeps its modules as they are. */
export async function indexModules(root: string, version: string, context: EngineContext): Promise<void> {
  if (existsSync(inTree(root, `${modulesFolder}/${version}/modules.dep`))) return;
  if (!['usr/bin', 'usr/sbin'].some((folder) => existsSync(inTree(root, `${folder}/depmod`)))) return;
  await run(sandboxArgv({ root, writable: true }, ['depmod', '-a', version]), context.runOptions);
}
