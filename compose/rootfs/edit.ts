// The treefile's own wishes about the content of the tree, in the order that rpm-ostree gives them: each is one module of steps/.

import { readFileSync } from 'node:fs';
import type { EngineContext } from '../context.ts';
import { scriptEnvironment } from '../treefile/script-environment.ts';
import type { IdCheck } from '../treefile/treefile.ts';
import { accountIds, parseAccounts, readAccounts } from './accounts.ts';
import type { AssembleRequest } from './assemble.ts';
import { addFiles } from './steps/add-files.ts';
import { checkIds } from './steps/check-ids.ts';
import { setDefaultTarget } from './steps/default-target.ts';
import { shipLock } from './steps/lock-json.ts';
import { refuseNewAccounts } from './steps/new-accounts.ts';
import { mutateOsRelease } from './steps/os-release.ts';
import { pinnedGroupIds, pinnedUserIds } from './steps/pinned-accounts.ts';
import { runPostprocess } from './steps/postprocess.ts';
import { removeFiles, removeFromPackages } from './steps/remove-files.ts';
import { removedAccounts } from './steps/removed-accounts.ts';
import { normaliseShadow } from './steps/shadow.ts';
import { shipTreefile } from './steps/treefile-json.ts';
import { enableUnits } from './steps/units.ts';

/** @param root the merged tree, in which everything may be written freely */
export async function editTree(request: AssembleRequest, root: string, context: EngineContext): Promise<void> {
  const { plan, packages } = request;
  const { treefile } = plan;
  removeFromPackages(root, treefile.removeFromPackages, packages);
  await enableUnits(root, treefile.units, context);
  if (treefile.defaultTarget !== null) setDefaultTarget(root, treefile.defaultTarget);
  shipTreefile(root, plan.portableTreefile);
  shipLock(root, treefile.basearch, packages);
  if (treefile.mutateOsRelease !== null && plan.commitVersion !== null) {
    mutateOsRelease(root, treefile.mutateOsRelease, plan.commitVersion);
  }
  removeFiles(root, treefile.removeFiles, context.events);
  addFiles(root, treefile.addFiles);
  const scripts = {
    inline: treefile.postprocess,
    files: treefile.postprocessScript === null ? [] : [treefile.postprocessScript],
    environment: { ...scriptEnvironment(treefile.variables), SOURCE_DATE_EPOCH: String(plan.sourceDateEpoch) },
  };
  await runPostprocess(root, scripts, request.folder, context);
  normaliseShadow(root);
  checkAccounts(request, root, context);
}

function checkAccounts(
  { plan: { treefile }, previousAccounts }: AssembleRequest,
  root: string,
  { events }: EngineContext,
): void {
  const checks = [
    ['user', 'passwd', treefile.checkPasswd, pinnedUserIds(treefile), treefile.ignoreRemovedUsers],
    ['group', 'group', treefile.checkGroups, pinnedGroupIds(treefile), treefile.ignoreRemovedGroups],
  ] as const;
  for (const [kind, file, check, pinned, ignored] of checks) {
    const accounts = readAccounts(root, file);
    const previous = previousAccounts[file];
    const before = allowedIds(check, previous);
    const allowed = new Map([...before, ...pinned]);
    checkIds(kind, accounts, allowed);
    const removed = removedAccounts(root, { kind, before, now: accountIds(accounts), ignored });
    if (removed.length > 0) events.warning(`${kind}s that were there before are gone: ${removed.join(', ')}`);
    // The first commit of a ref has nothing to compare with, unless the treefile lists the accounts.
    const comparable = previous !== undefined || check.type === 'file' || check.type === 'data';
    if (treefile.failOnNewUsers && comparable) {
      refuseNewAccounts(kind, accounts, new Set([...allowed.keys(), ...accountIds(previous ?? []).keys()]));
    }
  }
}

function allowedIds(check: IdCheck, previous: readonly (readonly string[])[] = []): ReadonlyMap<string, number> {
  switch (check.type) {
    case 'none':
      return new Map();
    case 'previous':
      return accountIds(previous);
    case 'file':
      return accountIds(parseAccounts(readFileSync(check.filename, 'utf8')));
    case 'data':
      return new Map(Object.entries(check.entries).flatMap(([name, [id]]) => (id === undefined ? [] : [[name, id]])));
  }
}
