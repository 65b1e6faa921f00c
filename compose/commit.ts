// Commits the finished tree: first into the cache, whose hard links make unchanged files free, then the new objects are pulled into the
// target repository and the ref is moved. Until that last step nobody sees anything of it. A tree with labels (labels.ts) or signatures
// (file-signatures.ts) is committed in the target repository, and so is every tree where files carry labels of the build machine
// (file-attributes.ts).

import { ToolError, UserError } from '../lib/errors.ts';
import { makeFolder } from '../lib/files.ts';
import { run } from '../lib/run.ts';
import { commitMetadata, detachedMetadata } from './commit-metadata.ts';
import type { EngineContext } from './context.ts';
import { type LabelVersion, labelledAs, putEtcBack } from './label-version.ts';
import { knownPair, labelChanges, rememberPair } from './labelled-tree.ts';
import type { PackageCache } from './packages/cache.ts';
import type { EnginePackage } from './packages/package.ts';
import type { ComposePlan } from './plan.ts';
import { copyCommit } from './repository/copy-commit.ts';
import { addDetachedMetadata } from './repository/detached.ts';
import { initialiseRepository, isInitialised, type RepoMode } from './repository/initialise.ts';
import { advanceRef, withRepositoryLock } from './repository/refs.ts';
import { pathsOf, writeTreeArchive } from './tree-archive.ts';
import type { Treefile } from './treefile/treefile.ts';
import { addCommitMetadata } from './write-metadata.ts';

export interface TargetRepo {
  readonly path: string;
  /** For a repository that has to be made first. */
  readonly mode: RepoMode;
  /** Checksum that the ref named when the compose was planned, or null. */
  readonly refCommit: string | null;
}

/** Where a tree is committed, and how. */
export interface CommitPlace {
  /** Path of the repository. */
  readonly repo: string;
  /** Whether files get the labels of the tree's SELinux policy. */
  readonly labelled: boolean;
  /** Of no effect without labels. */
  readonly labelVersion: LabelVersion;
  /** Archive of files with their signatures that is laid over the tree, or null. */
  readonly signedFiles: string | null;
  /** Path for an archive that is read instead of the tree on disk, or null. */
  readonly archive: string | null;
}

/** What is known of labels from the commit before. */
export interface KnownLabels {
  readonly cache: PackageCache;
  /** Checksum of a commit of the target repository, or null. */
  readonly previous: string | null;
  /** Path for an archive in between. */
  readonly archive: string;
}

/**
 * @param known null when all files are to be read
 * @returns the commit's checksum, which no ref names
 */
export async function commitTree(
  tree: string,
  plan: ComposePlan,
  packages: readonly EnginePackage[],
  bootable: boolean,
  place: CommitPlace,
  known: KnownLabels | null,
  context: EngineContext,
): Promise<string> {
  const commitTo = async (to: CommitPlace): Promise<string> =>
    (await run(commitArgv(tree, plan, bootable, to), context.runOptions)).stdout.trim();
  const finish = async (commit: string): Promise<string> => {
    const checksum = await addCommitMetadata(place.repo, commit, commitMetadata(plan, packages));
    await addDetachedMetadata(place.repo, checksum, detachedMetadata(plan));
    return checksum;
  };
  const version = place.labelled ? place.labelVersion : 0;
  const commitAll = async (): Promise<string> => {
    if (place.archive !== null)
      await writeTreeArchive(place.archive, tree, pathsOf(tree), { nameOf: labelledAs(version) });
    return putEtcBack(place.repo, await commitTo(place), version);
  };
  if (known === null) return finish(await commitAll());
  const { cache, previous } = known;
  const plain = await commitTo({ ...place, repo: cache.repo, labelled: false, archive: null });
  const before = previous === null ? null : await knownPair(previous, version, place.repo, cache, context);
  const places = { ...known, version, repo: place.repo };
  const changed = before === null ? null : await labelChanges(tree, plain, before, places, context);
  const labelled = await finish(changed ?? (await commitAll()));
  await rememberPair({ labelled, plain }, version, cache, context);
  return labelled;
}

export function commitArgv(tree: string, plan: ComposePlan, bootable: boolean, place: CommitPlace): string[] {
  return [
    ...['ostree', `--repo=${place.repo}`, 'commit', '--orphan', '--no-bindings', '--fsync=0'],
    ...attributeOptions(tree, place),
    `--parent=${plan.parent ?? 'none'}`,
    `--timestamp=@${plan.sourceDateEpoch}`,
    ...(plan.commitVersion === null ? [] : [`--subject=${plan.treefile.ref} ${plan.commitVersion}`]),
    ...(bootable ? ['--bootable'] : []),
    place.archive === null ? `--tree=dir=${tree}` : `--tree=tar=${place.archive}`,
    ...(place.signedFiles === null ? [] : [`--tree=tar=${place.signedFiles}`]),
  ];
}

function attributeOptions(tree: string, { labelled, signedFiles, archive }: CommitPlace): string[] {
  if (labelled) return [`--selinux-policy=${tree}`];
  // The links lead into the cache, which is not where a tree with signatures is committed.
  return signedFiles === null && archive === null ? ['--link-checkout-speedup'] : [];
}

/** Makes the target repository where there is none. */
export async function openTarget(
  { path, mode }: Pick<TargetRepo, 'path' | 'mode'>,
  context: EngineContext,
): Promise<void> {
  if (isInitialised(path)) return;
  await makeFolder(path);
  await withRepositoryLock(path, context, () => initialiseRepository(path, mode, context.runOptions));
}

/**
 * Makes the commit available in the target repository under its ref, signed where the treefile says so.
 * @param source repository that has the commit
 * @throws UserError `gpg-key-unusable`; `ref-moved` when the ref no longer names `refCommit`
 */
export async function publishCommit(
  checksum: string,
  { ref, gpgKey }: Pick<Treefile, 'ref' | 'gpgKey'>,
  { path, refCommit: before }: TargetRepo,
  source: string,
  context: EngineContext,
): Promise<void> {
  if (source !== path) await copyCommit(source, path, checksum, context);
  if (gpgKey !== null) await signCommit(path, checksum, gpgKey, context);
  await advanceRef(path, ref, { before, checksum }, context);
}

// The signature stands beside the commit and has no say in its checksum. The key is looked for where gpg does: GNUPGHOME, else ~/.gnupg.
async function signCommit(repo: string, checksum: string, key: string, context: EngineContext): Promise<void> {
  try {
    await run(['ostree', `--repo=${repo}`, 'gpg-sign', checksum, key], context.runOptions);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError(
      'gpg-key-unusable',
      `the commit cannot be signed with the GPG key ${key}: ${error.output.replace(/^error: /, '')}`,
      {
        hint: 'check with `gpg --list-secret-keys` that the key is there and needs no passphrase; the ref was not moved',
        cause: error,
      },
    );
  }
}
