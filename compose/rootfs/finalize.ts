// Runs the scripts of finalize.d on the finished tree: the configuration is in /usr/etc, kernel and initramfs are in place, /var is empty.
// An overlay keeps them away from cached objects; what they change is folded in. rpm-ostree runs them unconfined on the build machine.

import { chmodSync, copyFileSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { entryInTree, inTree } from '../../lib/in-tree.ts';
import type { EngineContext } from '../context.ts';
import type { ComposePlan } from '../plan.ts';
import { scriptEnvironment } from '../treefile/script-environment.ts';
import { foldUpper } from './fold.ts';
import { overlayFolders, withOverlay } from './overlay.ts';
import type { Sandbox } from './sandbox.ts';
import { removeMountPoint, runTreefileScript } from './treefile-script.ts';

const layer = 'finalize';

/**
 * @param folder the work folder whose `tree` is finished
 * @throws UserError `postprocess-failed`
 */
export async function finalizeTree(folder: string, plan: ComposePlan, context: EngineContext): Promise<void> {
  const { finalizeScripts, variables } = plan.treefile;
  if (finalizeScripts.length === 0) return;
  await context.events.step('Run finalize.d', async (step) => {
    const environment = { ...scriptEnvironment(variables), SOURCE_DATE_EPOCH: String(plan.sourceDateEpoch) };
    const file = join(folder, layer);
    const run = async (root: string): Promise<void> => {
      for (const source of finalizeScripts) {
        copyFileSync(source, file);
        chmodSync(file, 0o755);
        await runTreefileScript(file, source, finalizeSandbox(root, environment), context);
      }
      removeMountPoint(entryInTree(root, 'etc'));
    };
    await withOverlay(folder, run, layer);
    const { lower, upper } = overlayFolders(folder, layer);
    step.detail(`${foldUpper(upper, lower).files} files`);
  });
}

// Programs expect their configuration in /etc, so it is there as well; /tmp may be a link to /sysroot/tmp.
function finalizeSandbox(root: string, environment: Readonly<Record<string, string>>): Sandbox {
  const tmpIsLink = lstatSync(entryInTree(root, 'tmp')).isSymbolicLink();
  return {
    root,
    writable: true,
    environment,
    temporary: ['/sys', '/run', '/var', tmpIsLink ? '/sysroot' : '/tmp'],
    folders: ['/var/tmp', ...(tmpIsLink ? ['/sysroot/tmp'] : [])],
    readWrite: { [inTree(root, 'usr/etc')]: '/etc' },
  };
}
