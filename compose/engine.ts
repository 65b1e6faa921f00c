// The part of a compose that runs inside the user namespace, in one child process: import, assemble, commit. It is given a complete plan
// and the verified packages.

import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { requireRoom } from '../lib/disk-full.ts';
import { UserError } from '../lib/errors.ts';
import type { StepHandle } from '../lib/events.ts';
import { withFileLock } from '../lib/file-lock.ts';
import { makeSubfolder } from '../lib/files.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { makeHostReadOnly } from '../lib/read-only-host.ts';
import { loadRunner, run } from '../lib/run.ts';
import { mebibyte } from '../lib/size.ts';
import { commitTree, openTarget, publishCommit, type TargetRepo } from './commit.ts';
import { type EngineContext, engineContext } from './context.ts';
import { hasMachineLabel } from './file-attributes.ts';
import { archiveSignedFiles, assertSignaturesPossible } from './file-signatures.ts';
import { explainFullDisk, roomHint } from './full-disk.ts';
import { labelledAs } from './label-version.ts';
import { assertHeldWithoutMachineLabels, assertLabelsPossible, policyOf } from './labels.ts';
import { cacheLock, openPackageCache, type PackageCache } from './packages/cache.ts';
import { type CheckoutRules, checkFiles } from './packages/check-files.ts';
import { importPackages } from './packages/import.ts';
import { installationOrder } from './packages/order.ts';
import { type EnginePackage, type PackageFile, readPackage } from './packages/package.ts';
import type { ComposePlan } from './plan.ts';
import { type AssembledTree, assembleTree } from './rootfs/assemble.ts';
import { importLayers } from './rootfs/layers.ts';
import { previousAccounts } from './rootfs/previous-accounts.ts';

void loadRunner(); // while this process waits for its input

export interface EngineInput {
  readonly plan: ComposePlan;
  readonly packages: readonly PackageFile[];
  readonly target: TargetRepo;
  readonly cacheDir: string;
  /** Who runs the compose, as the world outside of the namespace numbers it. */
  readonly userId: number;
  /** Existing folder for what scriptlets say. */
  readonly scriptletOutput: string;
  /** A new folder for this compose alone, on the cache's file system, and those that killed ones left behind. */
  readonly workFolder: string;
  readonly staleWorkFolders: readonly string[];
}

export interface EngineResult {
  readonly checksum: string;
  readonly kernelVersion: string | null;
}

export async function main(input: EngineInput, tools: WorkerTools): Promise<EngineResult> {
  const context = engineContext(tools);
  protectHost(input, context);
  for (const folder of input.staleWorkFolders) await rm(folder, { recursive: true, force: true });
  let unpackedBytes: number | null = null;
  const work = async (): Promise<EngineResult> => {
    const cache = await openPackageCache(input.cacheDir, input.userId, context.runOptions);
    await mkdir(input.workFolder, { recursive: true });
    process.env.TMPDIR = input.workFolder; // SQLite and other programs may write nowhere else
    const importing = startImport(input, cache, context);
    try {
      const read = await context.events.step('Read package headers', (step) => readPackages(input, step));
      unpackedBytes = read.packages.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);
      return await compose(input, read, await importing.commits, cache, context);
    } finally {
      await importing.stop();
    }
  };
  try {
    const places = { cacheDir: input.cacheDir, repo: input.target.path };
    const whileLocked = (): Promise<EngineResult> =>
      withFileLock(cacheLock(input.cacheDir), context.signal, work, 'shared');
    return await explainFullDisk(places, whileLocked, () => unpackedBytes);
  } finally {
    await rm(input.workFolder, { recursive: true, force: true });
  }
}

/** Whatever a package or script makes of the tree, the engine itself can only write where a compose has to. */
function protectHost(input: EngineInput, context: EngineContext): void {
  const { plan, target, cacheDir, workFolder, scriptletOutput } = input;
  const keyrings = plan.treefile.gpgKey === null ? [] : gpgFolders();
  const writable = [cacheDir, target.path, dirname(workFolder), scriptletOutput, ...keyrings];
  try {
    makeHostReadOnly(writable);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'EBUSY') throw error;
    context.events.warning(`the compose runs without a second guard against writes to this machine: ${message}`);
  }
}

/** Where gpg keeps its files and its agent's sockets, gnupg(7). */
function gpgFolders(): string[] {
  const { GNUPGHOME = join(homedir(), '.gnupg') } = process.env;
  return [GNUPGHOME, '/run/user'].filter((folder) => existsSync(folder));
}

interface StartedImport {
  /** By package digest. */
  readonly commits: Promise<Map<string, string>>;
  /** Of no effect once all are imported. */
  stop(): Promise<void>;
}

/** Reads the packages beside their headers, which take one processor only. */
function startImport(
  { plan, packages, workFolder }: EngineInput,
  cache: PackageCache,
  context: EngineContext,
): StartedImport {
  const controller = new AbortController();
  const signal = AbortSignal.any([context.signal, controller.signal]);
  const { readonlyExecutables } = plan.treefile;
  const jobs = packages.map(({ digest, path }) => ({ digest, path, readonlyExecutables }));
  const commits = context.events.step('Import packages', (step) =>
    importPackages(jobs, cache, workFolder, { ...context, signal }, step),
  );
  const settled = commits.catch(() => {}); // told to whoever wants the commits
  return {
    commits,
    async stop() {
      controller.abort();
      await settled;
    },
  };
}

interface ReadPackages {
  /** In installation order. */
  readonly packages: readonly EnginePackage[];
  readonly checkout: CheckoutRules;
}

async function readPackages({ plan, packages }: EngineInput, step: StepHandle): Promise<ReadPackages> {
  const { readonlyExecutables, documentation, installLangs: languages } = plan.treefile;
  const read = installationOrder(await Promise.all(packages.map((each) => readPackage(each, readonlyExecutables))));
  const checkout = checkFiles(read, { documentation, languages });
  step.detail(`${read.length} packages`);
  return { packages: read, checkout };
}

async function compose(
  input: EngineInput,
  { packages, checkout }: ReadPackages,
  commits: ReadonlyMap<string, string>,
  cache: PackageCache,
  context: EngineContext,
): Promise<EngineResult> {
  const { plan, workFolder: folder } = input;
  const accounts = plan.parent === null ? {} : await previousAccounts(input.target.path, plan.parent);
  await importLayers(plan.layers, input.target.path, cache, context);
  const made = await assembleTree(
    {
      ...{ plan, packages, checkout, commits, previousAccounts: accounts, scriptletOutput: input.scriptletOutput },
      folder: await makeSubfolder(folder, 'rootfs'),
    },
    cache,
    context,
  );
  // A script that wants no errors seen may have written less than it should.
  await requireRoom(input.cacheDir, leastFreeBytes, { hint: roomHint });
  return context.events.step('Commit the tree', (step) =>
    commitAndPublish(input, packages, made, cache, context, step),
  );
}

async function commitAndPublish(
  { plan, target, workFolder: folder }: EngineInput,
  packages: readonly EnginePackage[],
  { tree, kernelVersion }: AssembledTree,
  cache: PackageCache,
  context: EngineContext,
  step: StepHandle,
): Promise<EngineResult> {
  const untouched = assertCacheUntouched(cache, context);
  untouched.catch(() => {}); // told before anybody sees the commit
  await openTarget(target, context);
  const labelled = plan.treefile.selinux && (await policyOf(tree)) !== null;
  if (labelled) await assertLabelsPossible(target.path, context);
  if (plan.treefile.ima) await assertSignaturesPossible(target.path);
  const labelVersion = labelled ? plan.treefile.selinuxLabelVersion : 0;
  const signedFiles = plan.treefile.ima
    ? await archiveSignedFiles(tree, packages, folder, labelledAs(labelVersion), context)
    : null;
  // ostree takes every attribute on disk for one of the file.
  const machineLabels = !cache.keepsAttributes || hasMachineLabel(tree);
  if (machineLabels) await assertHeldWithoutMachineLabels(target.path);
  const repo = labelled || signedFiles !== null || machineLabels ? target.path : cache.repo;
  const archive = machineLabels || labelVersion === 1 ? join(folder, 'tree.tar') : null;
  const place = { repo, labelled, labelVersion, signedFiles, archive };
  const known =
    labelled && signedFiles === null && !machineLabels
      ? { cache, previous: target.refCommit, archive: join(folder, 'changed.tar') }
      : null;
  const checksum = await commitTree(tree, plan, packages, kernelVersion !== null, place, known, context);
  await untouched;
  await Promise.all([
    publishCommit(checksum, plan.treefile, target, repo, context),
    run(['rm', '-r', tree], context.runOptions), // many links: in this process they take three times the work, which the copying lacks
  ]);
  const attributes = `${labelled ? ', with SELinux labels' : ''}${signedFiles === null ? '' : ', with IMA signatures'}`;
  step.detail(`${checksum}${attributes}`);
  return { checksum, kernelVersion };
}

/**
 * All content objects have the time 0: one with a later time was written to, by others or, through a hard link, by a bug of ours.
 * @throws UserError `cache-damaged`
 */
async function assertCacheUntouched(cache: PackageCache, context: EngineContext): Promise<void> {
  const { stdout } = await run(
    ['find', join(cache.repo, 'objects'), '-type', 'f', '-name', '*.file', '-newermt', '@10', '-print', '-quit'],
    context.runOptions,
  );
  if (stdout === '') return;
  throw new UserError(
    'cache-damaged',
    `the cached object ${stdout.trim()} was written to, so no commit is made of it`,
    {
      hint: '`slipway cache verify --repair` removes it and the next compose makes it again; a compose that damages it anew is a bug of Slipway',
    },
  );
}

const leastFreeBytes = mebibyte;
