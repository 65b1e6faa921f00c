// Makes a commit again from its treefile and the lock and options that it ships, with empty caches, and compares: proof that nothing else
// is in it.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../lib/errors.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { composeTree } from '../compose.ts';
import { type EngineContext, engineContext } from '../context.ts';
import { compareFiles, type FileDifference } from '../difference/files.ts';
import { resolveLayers } from '../layers.ts';
import type { LayerContent, PlannedLayer } from '../plan.ts';
import { type Commit, hasCommit, readCommit } from '../repository/commit.ts';
import { resolveCommit } from '../repository/names.ts';
import { moveRef } from '../repository/refs.ts';
import { listTree } from '../repository/tree-listing.ts';
import { loadTreefile } from '../treefile/load.ts';
import type { Treefile } from '../treefile/treefile.ts';
import { lockRequestOf, readShippedLock, readShippedOptions } from './shipped-inputs.ts';

export interface VerifyOptions {
  readonly repo: string;
  /** As `resolveCommit()` takes it. */
  readonly commit: string;
  readonly treefileFile: string;
  /** Folder on a file system with room for a whole compose; of what is made there only the output of scriptlets is kept. */
  readonly workParent: string;
  readonly arch?: string;
}

export interface VerifyReport {
  readonly kind: 'reproduction-report';
  readonly version: 1;
  readonly checksum: string;
  /** Checksum of what was made. */
  readonly rebuilt: string;
  /** True when they are the same commit, byte for byte. */
  readonly reproduced: boolean;
  /** False when treefile, named files or tools are other ones than the commit was made with. */
  readonly sameInputs: boolean;
  /** Keys of the commit's metadata, and its fields, that differ. */
  readonly metadata: readonly string[];
  readonly files: FileDifference;
}

/**
 * @throws UserError `lock-missing`, `options-missing`, `commit-not-found`, `layer-not-found`, and whatever a compose throws, e.g. when a repository lacks a locked package
 */
export async function verifyCommit(options: VerifyOptions, tools: WorkerTools): Promise<VerifyReport> {
  const context = engineContext(tools);
  const repo = resolve(options.repo);
  const commit = await resolveCommit(repo, options.commit);
  const lock = await readShippedLock(repo, commit.checksum);
  const { layers, sourceDateEpoch, commitMetadata } = readShippedOptions(commit);
  await mkdir(options.workParent, { recursive: true });
  const folder = await mkdtemp(join(resolve(options.workParent), 'verify-'));
  try {
    const { treefile } = await loadTreefile(options.treefileFile, archOf(options));
    const scratch = join(folder, 'repo');
    await makeScratchRepository(scratch, repo, commit, await layersOf(treefile, layers, repo), treefile.ref, context);
    const rebuilt = await composeTree(
      {
        treefileFile: options.treefileFile,
        repo: scratch,
        cacheDir: join(folder, 'cache'),
        outputDir: options.workParent, // an error may name a file there
        lock: lockRequestOf(lock),
        force: true,
        sign: false,
        parent: commit.parent,
        ...archOf(options),
        ...(sourceDateEpoch === null ? {} : { sourceDateEpoch }),
        commitMetadata,
      },
      tools,
    );
    if (rebuilt.checksum === commit.checksum) return reproduced(commit);
    return await compare(repo, commit, scratch, await readCommit(scratch, rebuilt.checksum), context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Names of metadata, and of fields of the commit, that two commits do not have in common. */
export function differingMetadata(a: Commit, b: Commit): string[] {
  const keys = new Set([...a.metadata.keys(), ...b.metadata.keys()]);
  const fields = (['parent', 'subject', 'timestamp'] as const).filter((field) => a[field] !== b[field]);
  return [...fields, ...[...keys].filter((key) => !isDeepStrictEqual(a.metadata.get(key), b.metadata.get(key)))].sort();
}

function reproduced({ checksum }: Commit): VerifyReport {
  const same = { reproduced: true, sameInputs: true, metadata: [], files: { added: [], removed: [], changed: [] } };
  return { kind: 'reproduction-report', version: 1, checksum, rebuilt: checksum, ...same };
}

async function compare(
  repo: string,
  commit: Commit,
  scratch: string,
  rebuilt: Commit,
  context: EngineContext,
): Promise<VerifyReport> {
  const [wanted, made] = await Promise.all([
    listTree(repo, commit.checksum, context),
    listTree(scratch, rebuilt.checksum, context),
  ]);
  return {
    kind: 'reproduction-report',
    version: 1,
    checksum: commit.checksum,
    rebuilt: rebuilt.checksum,
    reproduced: false,
    sameInputs: commit.inputId === rebuilt.inputId,
    metadata: differingMetadata(commit, rebuilt),
    files: compareFiles(wanted, made),
  };
}

/**
 * An empty repository that finds the objects of `repo`, and whose ref names the parent: version, time and ids of accounts continue from
 * it as they did when the commit was made. It has the layers as well.
 */
async function makeScratchRepository(
  path: string,
  repo: string,
  commit: Commit,
  layers: readonly Pick<PlannedLayer, 'ref' | 'checksum'>[],
  composedRef: string,
  context: EngineContext,
): Promise<void> {
  const ostree = ['ostree', `--repo=${path}`];
  const pull = (...words: string[]): Promise<unknown> => run([...ostree, 'pull-local', ...words], context.runOptions);
  await mkdir(path);
  await run([...ostree, 'init', '--mode=bare-user'], context.runOptions);
  for (const { ref, checksum } of layers) {
    await pull(repo, checksum);
    await moveRef(path, ref, checksum, context);
  }
  if (commit.parent !== null && hasCommit(repo, commit.parent)) {
    await pull('--commit-metadata-only', repo, commit.parent);
    await moveRef(path, composedRef, commit.parent, context);
  } else if (commit.parent !== null) {
    context.events.warning(
      `${repo} lacks the parent ${commit.parent}: a counted version and ids of accounts may come out differently`,
    );
  }
  // Last of all: ostree copies nothing into a repository that finds it already.
  await run([...ostree, 'config', 'set', 'core.parent', repo], context.runOptions);
}

/**
 * The layers of the treefile: what the commit was made of, though their refs may have moved since. A treefile with more or fewer layers is another
 * one, and gets what its refs name now.
 * @throws UserError `layer-not-found`
 */
async function layersOf(
  treefile: Treefile,
  shipped: readonly LayerContent[],
  repo: string,
): Promise<Pick<PlannedLayer, 'ref' | 'checksum'>[]> {
  const refs = [...treefile.ostreeLayers, ...treefile.ostreeOverrideLayers];
  if (refs.length !== shipped.length) return resolveLayers(treefile, repo);
  return refs.map((ref, index) => {
    const { checksum } = shipped[index]!;
    if (hasCommit(repo, checksum)) return { ref, checksum };
    throw new UserError('layer-not-found', `${repo} lacks the commit ${checksum}, which was the layer ${ref}`, {
      hint: 'pull it there; `ostree prune` removes what no ref names any more',
    });
  });
}

function archOf({ arch }: Pick<VerifyOptions, 'arch'>): { arch?: string } {
  return arch === undefined ? {} : { arch };
}
