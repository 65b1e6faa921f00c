// Gives the labels of a tree to what has changed since the commit before, and takes the rest from there. A label is a function of the policy, the
// path and the type of a file (selabel_lookup(3)): where all three and the file itself are as they were, so is the labelled object.
// What a labelled commit was without labels is kept as a ref of the cache.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stepId } from '../lib/documents.ts';
import { run } from '../lib/run.ts';
import type { EngineContext } from './context.ts';
import { type LabelVersion, labelledAs, withEtcBelowUsr } from './label-version.ts';
import { cachedCommit, type PackageCache } from './packages/cache.ts';
import { hasCommit, readCommitObject } from './repository/commit.ts';
import {
  type Folder,
  type FolderContent,
  readFolder,
  rootOf,
  writeCommitOf,
  writeFolder,
} from './repository/dirtree.ts';
import { writeTreeArchive } from './tree-archive.ts';

const policyFolder = ['usr', 'etc', 'selinux'];

/** A commit with labels in the target repository, and the same without them in the cache. */
export interface LabelledPair {
  readonly labelled: string;
  readonly plain: string;
}

/** The pair of a commit of the target repository; null when it is not known or not whole. */
export async function knownPair(
  labelled: string,
  version: LabelVersion,
  repo: string,
  cache: PackageCache,
  context: EngineContext,
): Promise<LabelledPair | null> {
  const plain = cachedCommit(cache, await pairRef(labelled, version, context));
  const isWhole = hasCommit(repo, labelled) && !existsSync(join(repo, 'state', `${labelled}.commitpartial`));
  return plain !== null && hasCommit(cache.repo, plain) && isWhole ? { labelled, plain } : null;
}

export async function rememberPair(
  { labelled, plain }: LabelledPair,
  version: LabelVersion,
  cache: PackageCache,
  context: EngineContext,
): Promise<void> {
  const argv = [
    'ostree',
    `--repo=${cache.repo}`,
    'refs',
    '--force',
    `--create=${await pairRef(labelled, version, context)}`,
    plain,
  ];
  await run(argv, context.runOptions);
}

/** Another ostree may find other labels. */
async function pairRef(labelled: string, version: LabelVersion, context: EngineContext): Promise<string> {
  const { stdout: ostree } = await run(['ostree', '--version'], context.runOptions);
  return `slipway/labelled/${stepId('labelled-tree', { labelled, version, ostree })}`;
}

export interface LabelPlaces {
  readonly version: LabelVersion;
  readonly repo: string;
  readonly cache: PackageCache;
  /** Path for an archive in between. */
  readonly archive: string;
}

/**
 * @param plain the tree's commit in the cache, without labels
 * @returns the commit with labels in `repo`, which no ref names; null when the policy has changed
 */
export async function labelChanges(
  tree: string,
  plain: string,
  before: LabelledPair,
  { version, repo, cache, archive }: LabelPlaces,
  context: EngineContext,
): Promise<string | null> {
  const commit = await readCommitObject(cache.repo, plain);
  const now = rootOf(commit);
  const old = rootOf(await readCommitObject(cache.repo, before.plain));
  const policies = [now, old].map((root) => folderAt(cache.repo, root, policyFolder)?.dirtree);
  if (policies[0] === undefined || policies[0] !== policies[1]) return null;
  const paths = changedPaths(cache.repo, now, old);
  let fresh: Folder | null = null;
  if (paths.length > 0) {
    await writeTreeArchive(archive, tree, paths, { nameOf: labelledAs(version) });
    const { stdout } = await run(labelArgv(repo, tree, archive), context.runOptions);
    fresh = await withEtcBelowUsr(repo, rootOf(await readCommitObject(repo, stdout.trim())), version);
  }
  const labelled = rootOf(await readCommitObject(repo, before.labelled));
  return writeCommitOf(repo, commit, await merge({ repo, plainRepo: cache.repo }, { now, old, labelled, fresh }));
}

/** The command that commits what has changed alone, with labels. */
export function labelArgv(repo: string, tree: string, archive: string): string[] {
  const commit = ['commit', '--orphan', '--no-bindings', '--fsync=0', '--timestamp=@0'];
  return ['ostree', `--repo=${repo}`, ...commit, `--selinux-policy=${tree}`, `--tree=tar=${archive}`];
}

/** Paths of files, links and folders that are new or not as they were. */
function changedPaths(repo: string, now: Folder, old: Folder | null, path = ''): string[] {
  const paths = now.dirmeta === old?.dirmeta ? [] : [path];
  if (now.dirtree === old?.dirtree) return paths;
  const [content, oldContent] = [readFolder(repo, now.dirtree), contentOf(repo, old)];
  const below = (name: string): string => (path === '' ? name : `${path}/${name}`);
  for (const [name, checksum] of content.files) if (oldContent.files.get(name) !== checksum) paths.push(below(name));
  for (const [name, folder] of content.folders) {
    paths.push(...changedPaths(repo, folder, oldContent.folders.get(name) ?? null, below(name)));
  }
  return paths;
}

interface Layers {
  readonly now: Folder;
  /** The same place before, without and with labels. */
  readonly old: Folder | null;
  readonly labelled: Folder | null;
  /** What has changed, with labels. */
  readonly fresh: Folder | null;
}

/** Writes the folder `now` with labels. */
async function merge(
  repos: { readonly repo: string; readonly plainRepo: string },
  { now, old, labelled, fresh }: Layers,
): Promise<Folder> {
  const dirmeta = (now.dirmeta === old?.dirmeta ? labelled : fresh)!.dirmeta;
  if (now.dirtree === old?.dirtree) return { dirtree: labelled!.dirtree, dirmeta };
  const content = readFolder(repos.plainRepo, now.dirtree);
  const oldContent = contentOf(repos.plainRepo, old);
  const [labelledContent, freshContent] = [contentOf(repos.repo, labelled), contentOf(repos.repo, fresh)];
  const files = new Map<string, string>();
  for (const [name, checksum] of content.files) {
    const source = oldContent.files.get(name) === checksum ? labelledContent : freshContent;
    files.set(name, source.files.get(name)!);
  }
  const folders = new Map<string, Folder>();
  for (const [name, folder] of content.folders) {
    const [old = null, labelled = null, fresh = null] = [oldContent, labelledContent, freshContent].map((each) =>
      each.folders.get(name),
    );
    folders.set(name, await merge(repos, { now: folder, old, labelled, fresh }));
  }
  return { dirtree: await writeFolder(repos.repo, { files, folders }), dirmeta };
}

function contentOf(repo: string, folder: Folder | null): FolderContent {
  return folder === null ? { files: new Map(), folders: new Map() } : readFolder(repo, folder.dirtree);
}

function folderAt(repo: string, root: Folder, names: readonly string[]): Folder | undefined {
  return names.reduce<Folder | undefined>(
    (folder, name) => (folder === undefined ? undefined : readFolder(repo, folder.dirtree).folders.get(name)),
    root,
  );
}
