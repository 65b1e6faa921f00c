// Makes the tree of an OSTree host out of imported packages: the table of contents of everything between import and commit. All that
// changes files works in an overlay over hard links; what it wrote is folded in by rename at the end.

import { dirname, join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import { makeSubfolder } from '../../lib/files.ts';
import { inTree } from '../../lib/in-tree.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import type { PackageCache } from '../packages/cache.ts';
import type { CheckoutRules } from '../packages/check-files.ts';
import type { EnginePackage } from '../packages/package.ts';
import type { ComposePlan } from '../plan.ts';
import { checkOutPackages } from './checkout.ts';
import { editTree } from './edit.ts';
import { finalizeTree } from './finalize.ts';
import { foldUpper } from './fold.ts';
import { makeInitramfs, placeInitramfs } from './initramfs.ts';
import { checkOutLayers } from './layers.ts';
import { layOutTree } from './layout.ts';
import { overlayFolders, withOverlay } from './overlay.ts';
import { applyOwnership, type UnknownOwners } from './ownership.ts';
import { refuseTriggerPrein, withoutLeftOut } from './refused-scriptlets.ts';
import { type OverlayTree, overlayTree } from './results/overlay-tree.ts';
import { scriptletResults } from './results/scriptlets.ts';
import { writeRpmDatabase } from './rpmdb.ts';
import { runScriptlets } from './run-scriptlets.ts';
import { sandboxArgv } from './sandbox.ts';
import { scriptletOutputs } from './scriptlet-output.ts';
import { checkPrograms } from './steps/check-programs.ts';
import { checkedAccounts } from './steps/checked-accounts.ts';
import { moveEtc } from './steps/etc.ts';
import { modulesFolder, placeKernel } from './steps/kernel.ts';
import { removeLeftovers } from './steps/leftovers.ts';
import { indexModules } from './steps/module-index.ts';
import { pinnedAccounts } from './steps/pinned-accounts.ts';
import { placeRpmDatabase } from './steps/rpm-database.ts';
import { type PreviousAccounts, seedAccounts } from './steps/seed-accounts.ts';
import { tracer as newTracer, type Tracer } from './trace/tracer.ts';
import { installationRuns, preparingRuns } from './triggers.ts';

export interface AssembleRequest {
  readonly plan: ComposePlan;
  /** In installation order. */
  readonly packages: readonly EnginePackage[];
  readonly checkout: CheckoutRules;
  /** Commit in the cache by package digest. */
  readonly commits: ReadonlyMap<string, string>;
  readonly previousAccounts: PreviousAccounts;
  /** Existing folder for what scriptlets say. */
  readonly scriptletOutput: string;
  /** Empty folder on the cache's file system. */
  readonly folder: string;
}

export interface AssembledTree {
  /** Absolute path of the finished tree. */
  readonly tree: string;
  /** Null for a tree without kernel. */
  readonly kernelVersion: string | null;
}

export async function assembleTree(
  request: AssembleRequest,
  cache: PackageCache,
  context: EngineContext,
): Promise<AssembledTree> {
  const { plan, packages, folder } = request;
  const { events } = context;
  refuseTriggerPrein(packages, plan.treefile.ignoreScriptlets);
  const tree = overlayFolders(folder).lower;
  const tracer = newTracer(context);
  tracer.prepare(); // nearly every compose has a scriptlet to run
  const rpmdbFolder = await makeSubfolder(folder, 'rpmdb');
  const database = writeRpmDatabase(packages, rpmdbFolder, plan.sourceDateEpoch, context);
  const settled = database.catch(() => {}); // a failure is reported where the database is needed
  try {
    await events.step('Check out packages', async () => {
      await checkOutPackages(packages, request.commits, cache, folder, request.checkout, context);
      await checkOutLayers(plan.layers, tree, cache, folder, context);
    });
    const edited = await changeTree(request, tracer, cache, context);
    await events.step('Fold the changes in', async (step) =>
      foldChanges(request, edited, await database, cache, context, step),
    );
    await finalizeTree(folder, plan, context);
    return { tree, kernelVersion: edited.kernelVersion };
  } finally {
    // Also after a failure: nothing may be written into the work folder while it is removed.
    await Promise.all([settled, tracer.close()]);
  }
}

interface ChangedTree extends Pick<AssembledTree, 'kernelVersion'> {
  /** Commit in the cache that holds the initramfs. */
  readonly initramfs: string | null;
}

/** Everything that runs programs in the tree or edits it, over the overlay. */
async function changeTree(
  request: AssembleRequest,
  tracer: Tracer,
  cache: PackageCache,
  context: EngineContext,
): Promise<ChangedTree> {
  const memory: ProgramMemory = {
    tree: overlayTree(overlayFolders(request.folder), request.packages, request.plan.layers),
    tracer,
    storeFolder: join(dirname(cache.repo), 'results'),
  };
  return withOverlay(request.folder, (root) => changeOverlay(request, root, memory, cache, context));
}

/** What is needed to use the results of programs again. */
interface ProgramMemory {
  readonly tree: OverlayTree;
  readonly tracer: Tracer;
  readonly storeFolder: string;
}

async function changeOverlay(
  request: AssembleRequest,
  root: string,
  memory: ProgramMemory,
  cache: PackageCache,
  context: EngineContext,
): Promise<ChangedTree> {
  const { treefile } = request.plan;
  const { events } = context;
  seedAccounts(root, pinnedAccounts(treefile));
  seedAccounts(root, checkedAccounts(treefile));
  if (treefile.preservePasswd) seedAccounts(root, request.previousAccounts);
  await events.step('Run scriptlets', (step) => installScripts(request, root, memory, context, step));
  await checkPrograms(root, context);
  await events.step('Apply the treefile', () => editTree(request, root, context));
  removeLeftovers(root); // before dracut, which could see them
  const version = placeKernel(root);
  if (version === null && !treefile.container) throw noKernel();
  if (version !== null) await indexModules(root, version, context);
  const image =
    version === null || treefile.noInitramfs
      ? null
      : await events.step('Make the initramfs', (step) => initramfsOf(request, version, memory, cache, context, step));
  await events.step('Lay out the tree', () => layOutTree(request, root, context));
  return { kernelVersion: version, initramfs: image };
}

async function foldChanges(
  request: AssembleRequest,
  { kernelVersion, initramfs }: ChangedTree,
  database: string,
  cache: PackageCache,
  context: EngineContext,
  step: StepHandle,
): Promise<void> {
  const { lower: tree, upper } = overlayFolders(request.folder);
  const counts = foldUpper(upper, tree);
  step.detail(`${counts.files} files`);
  moveEtc(tree);
  if (initramfs !== null && kernelVersion !== null) {
    const kernelFolder = inTree(tree, `${modulesFolder}/${kernelVersion}`);
    await placeInitramfs(initramfs, cache, kernelFolder, await makeSubfolder(request.folder, 'initramfs'), context);
  }
  placeRpmDatabase(tree, database);
}

async function installScripts(
  request: AssembleRequest,
  root: string,
  { tree, tracer, storeFolder }: ProgramMemory,
  context: EngineContext,
  step: StepHandle,
): Promise<void> {
  const { packages, plan, folder } = request;
  const results = scriptletResults(tree, tracer, storeFolder, context);
  const { ignoreScriptlets: ignored } = plan.treefile;
  const outputs = scriptletOutputs(request.scriptletOutput);
  const setting = { root, folder, results, outputs, ignored };
  applyOwnership(packages, root);
  const before = withoutLeftOut(preparingRuns(packages), ignored, context.events);
  const early = await runScriptlets(before, setting, context, step);
  if (hasSysusers(packages)) {
    await run(sandboxArgv({ root, writable: true }, ['systemd-sysusers']), context.runOptions);
  } else if (plan.treefile.sysusers === 'compose-forced') throw noSysusers();
  warnOfUnknown(applyOwnership(packages, root), context);
  results.forgetTree();
  const after = withoutLeftOut(installationRuns(packages), ignored, context.events);
  const late = await runScriptlets(after, setting, context, step);
  const count = before.length + after.length;
  const reused = early + late;
  if (count > 0 && reused === count) step.reused();
  step.detail(`${count} scriptlets${reused === 0 ? '' : `, ${reused} with known results`}`);
}

function hasSysusers(packages: readonly EnginePackage[]): boolean {
  return packages.some(({ files }) => files.some((file) => file.path.endsWith('/bin/systemd-sysusers')));
}

function warnOfUnknown(unknown: UnknownOwners, context: EngineContext): void {
  for (const user of unknown.users)
    context.events.warning(`the user ${user} does not exist in the tree: root owns its files`);
  for (const group of unknown.groups) {
    context.events.warning(`the group ${group} does not exist in the tree: root's group owns its files`);
  }
}

async function initramfsOf(
  { plan, packages, folder }: AssembleRequest,
  kernelVersion: string,
  { tree, tracer, storeFolder }: ProgramMemory,
  cache: PackageCache,
  context: EngineContext,
  step: StepHandle,
): Promise<string> {
  const provides = (name: string): boolean =>
    packages.some(({ files }) => files.some((file) => new RegExp(`^/(usr/)?s?bin/${name}$`).test(file.path)));
  if (!provides('dracut')) {
    throw new UserError('no-dracut', 'the tree has a kernel, but no dracut to make its initramfs with', {
      hint: 'add dracut to packages, or set no-initramfs: true',
    });
  }
  const work = { folder: await makeSubfolder(folder, 'dracut'), storeFolder };
  const request = { kernelVersion, arguments: plan.treefile.initramfsArgs, tree, ...work };
  return makeInitramfs(request, tracer, cache, context, step);
}

function noKernel(): UserError {
  return new UserError('no-kernel', 'no package brings a kernel (/usr/lib/modules/VERSION/vmlinuz)', {
    hint: 'add a kernel to packages, or set container: true for a tree that does not boot',
  });
}

function noSysusers(): UserError {
  return new UserError('no-sysusers', 'sysusers is compose-forced, but no package brings systemd-sysusers', {
    hint: 'add systemd to packages, or leave sysusers out',
  });
}
