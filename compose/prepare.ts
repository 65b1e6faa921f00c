// The first half of a compose: everything that is decided before a tree is made. It changes nothing but caches.

import { emitWarnings } from '../lib/diagnostics.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import type { ComposeOptions } from './compose.ts';
import { engineContext } from './context.ts';
import { diffPackages, type PackageDiff } from './diff.ts';
import { digestNamedFiles, readToolVersions } from './inputs.ts';
import { resolveLayers } from './layers.ts';
import { type ComposeInputs, inputIdOf } from './plan.ts';
import { type PreviousCommit, readPreviousCommit } from './previous.ts';
import { refuseForeignFolder } from './repository/foreign-folder.ts';
import type { PackageLock } from './resolve/lock.ts';
import { type ResolveRequest, resolveRequestOf } from './resolve/request.ts';
import { resolvePackages } from './resolve/resolve.ts';
import { loadTreefile } from './treefile/load.ts';
import type { Treefile } from './treefile/treefile.ts';

/** Everything that is known before packages are fetched. */
export interface PreparedCompose {
  readonly treefile: Treefile;
  readonly request: ResolveRequest;
  readonly lock: PackageLock;
  readonly inputs: ComposeInputs;
  readonly inputId: string;
  readonly previous: PreviousCommit | null;
  readonly diff: PackageDiff;
}

/**
 * Loads, resolves and compares with the previous commit; changes nothing but caches.
 * @param whileSolving called when the packages are not known from before; must not throw
 */
export async function prepareCompose(
  options: ComposeOptions,
  tools: WorkerTools,
  { whileSolving }: { readonly whileSolving?: () => void } = {},
): Promise<PreparedCompose> {
  await refuseForeignFolder(options.repo);
  const context = engineContext(tools);
  const loading = options.arch === undefined ? {} : { arch: options.arch };
  const { treefile, warnings, places } = await loadTreefile(options.treefileFile, loading);
  emitWarnings(warnings, tools.events);
  const request = resolveRequestOf(treefile, options.cacheDir, options.lock ?? null);
  let toolVersions: ReturnType<typeof readToolVersions> | undefined;
  const besideSolver = (): void => {
    toolVersions = readToolVersions(context);
    toolVersions.catch(() => {}); // awaited below
    whileSolving?.();
  };
  const lock = await resolvePackages(request, { ...tools, places, whileSolving: besideSolver });
  const inputs: ComposeInputs = {
    treefile,
    fileDigests: await digestNamedFiles(treefile),
    lock,
    layers: await resolveLayers(treefile, options.repo),
    toolVersions: await (toolVersions ?? readToolVersions(context)),
    sourceDateEpoch: options.sourceDateEpoch ?? null,
    commitMetadata: options.commitMetadata ?? {},
  };
  const previous = await readPreviousCommit(options.repo, treefile.ref);
  const diff = diffPackages(previous?.packages ?? [], lock.packages);
  return { treefile, request, lock, inputs, inputId: inputIdOf(inputs), previous, diff };
}
