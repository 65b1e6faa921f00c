// The treefile's own wishes about the content of the tree, in the order that rpm-ostree gives them: each is one module of steps/.

import type { EngineContext } from '../context.ts';
import { scriptEnvironment } from '../treefile/script-environment.ts';
import type { Treefile } from '../treefile/treefile.ts';
import { type AccountIds, accountIds, readAccounts } from './accounts.ts';
import type { AssembleRequest } from './assemble.ts';
import { addFiles } from './steps/add-files.ts';
import { checkIds } from './steps/check-ids.ts';
import { checkedAccounts, demandedIds, writtenIds } from './steps/checked-accounts.ts';
import { setDefaultTarget } from './steps/default-target.ts';
import { shipLock } from './steps/lock-json.ts';
import { refuseNewAccounts } from './steps/new-accounts.ts';
import { mutateOsRelease } from './steps/os-release.ts';
import { pinnedGroupIds } from './steps/pinned-accounts.ts';
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
  const advisories = treefile.advisoriesMetadata === 'inline' ? plan.advisories : null;
  shipLock(root, treefile.basearch, packages, advisories);
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
    ['user', 'passwd', treefile.checkPasswd, writtenIds(treefile.pinUsers), treefile.ignoreRemovedUsers],
    ['group', 'group', treefile.checkGroups, pinnedGroups(treefile), treefile.ignoreRemovedGroups],
  ] as const;
  const seeded = checkedAccounts(treefile);
  for (const [kind, file, check, pinned, ignored] of checks) {
    const accounts = readAccounts(root, file);
    const previous = previousAccounts[file];
    const demanded = demandedIds(kind, check, previous ?? []);
    checkIds(kind, accounts, new Map([...demanded, ...pinned]));
    const before = new Map([...demanded].map(([name, { id }]) => [name, id]));
    const removed = removedAccounts(root, { kind, before, now: accountIds(accounts), ignored });
    if (removed.length > 0) events.warning(`${kind}s that were there before are gone: ${removed.join(', ')}`);
    // The first commit of a ref has nothing to compare with, unless the treefile lists the accounts.
    const comparable = previous !== undefined || check.type === 'file' || check.type === 'data';
    if (treefile.failOnNewUsers && comparable) {
      const announced = [...(previous ?? []), ...(seeded[file] ?? [])].map(([name = '']) => name);
      refuseNewAccounts(kind, accounts, new Set([...demanded.keys(), ...pinned.keys(), ...announced]));
    }
  }
}

function pinnedGroups(treefile: Treefile): Map<string, AccountIds> {
  return new Map([...pinnedGroupIds(treefile)].map(([name, id]) => [name, { id }]));
}
