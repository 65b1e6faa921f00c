// Gives the edited tree the shape of an OSTree host. Last of all, because every program run before expects an ordinary root.

import type { EngineContext } from '../context.ts';
import type { AssembleRequest } from './assemble.ts';
import { hasAltfiles, splitAccounts } from './steps/accounts-split.ts';
import { moveBoot } from './steps/boot.ts';
import { resetMachineId } from './steps/machine-id.ts';
import { moveOpt } from './steps/opt.ts';
import { rpmDatabaseTmpfiles } from './steps/rpm-database.ts';
import { moveSelinuxStore } from './steps/selinux-store.ts';
import { moveStateFolders } from './steps/state-folders.ts';
import { enableTmpMount } from './steps/tmp-mount.ts';
import { arrangeTopLevel, topLevelLinkLines, topLevelTmpfiles } from './steps/top-level.ts';
import { declareLinks, emptyVar } from './steps/var.ts';

/** @param root the merged tree */
export async function layOutTree(request: AssembleRequest, root: string, context: EngineContext): Promise<void> {
  const { treefile } = request.plan;
  await moveSelinuxStore(root, context);
  resetMachineId(root, treefile.machineidCompat);
  if (hasAltfiles(root)) splitAccounts(root, treefile.etcGroupMembers);
  if (treefile.tmpIsDir) enableTmpMount(root);
  const optLines = await moveOpt(root, treefile.optUsrlocal, context);
  await moveBoot(root, context);
  const stateLines = await moveStateFolders(root, context);
  declareLinks(root, topLevelLinkLines(treefile));
  const lines = [...topLevelTmpfiles(treefile), ...optLines, ...stateLines, ...rpmDatabaseTmpfiles];
  const dropped = [...emptyVar(root, lines), ...arrangeTopLevel(root, treefile)];
  if (dropped.length > 0) {
    const some = dropped.slice(0, 5).join(', ');
    context.events.info(
      `${dropped.length} files or folders in places that belong to the host are not shipped: ${some}${dropped.length > 5 ? ', …' : ''}`,
    );
  }
}
