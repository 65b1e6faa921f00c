// The table of contents of a compose: treefile -> lock -> plan -> packages -> tree -> commit. Everything up to the plan happens in this
// process (prepare.ts), so that an unchanged input is answered at once; the rest in one child inside a user namespace (engine.ts).

import type { WorkerTools } from '../lib/namespace.ts';
import type { PackageDiff } from './diff.ts';
import { explainFullDisk } from './full-disk.ts';
import type { StartedEngine } from './make-commit.ts';
import { type PreparedCompose, prepareCompose } from './prepare.ts';
import type { RepoMode } from './repository/initialise.ts';
import type { PackageLock } from './resolve/lock.ts';
import type { LockRequest } from './resolve/request.ts';
import type { JsonValue } from './treefile/treefile.ts';

export interface ComposeOptions {
  readonly treefileFile: string;
  /** OSTree repository that gets the commit; made when missing. */
  readonly repo: string;
  readonly cacheDir: string;
  /** Cache folder that keeps what scriptlets said. Default: `cacheDir`. */
  readonly outputDir?: string;
  /** Kind of a new repository. Default: bare-user, the fastest to write and to build images from. */
  readonly repoMode?: RepoMode;
  /** RPM base architecture. Default: this machine's. */
  readonly arch?: string;
  readonly lock?: LockRequest | null;
  /** Seconds since 1970. Default: when the newest package was built, so that the same packages give the same commit on any day. */
  readonly sourceDateEpoch?: number;
  /** Commits also when no input changed. */
  readonly force?: boolean;
  /** Added to the commit; wins over the treefile's add-commit-metadata. `version` wins over automatic-version-prefix. */
  readonly commitMetadata?: Readonly<Record<string, JsonValue>>;
  /** Checksum, or null for a commit without parent. Default: the ref's commit. */
  readonly parent?: string | null;
  /** False leaves the treefile's gpg-key aside; it has no say in the commit's checksum. Default: true. */
  readonly sign?: boolean;
}

export interface ComposeResult {
  /** False when no input changed: then checksum and version are the previous commit's. */
  readonly changed: boolean;
  readonly ref: string;
  readonly checksum: string;
  readonly version: string | null;
  /** Checksum of the commit that the ref named before, or null. */
  readonly previous: string | null;
  readonly inputId: string;
  /** How many. */
  readonly packages: number;
  /** Against the previous commit. */
  readonly diff: PackageDiff;
  readonly lock: PackageLock;
  /** Folder with a file for each scriptlet: what it said. Null when no commit was made. */
  readonly scriptletOutput: string | null;
}

/**
 * Composes a treefile into a commit.
 * @throws UserError and DiagnosticsError for whatever the user can mend; then neither repository nor cache has changed for the worse
 */
export async function composeTree(options: ComposeOptions, tools: WorkerTools): Promise<ComposeResult> {
  return explainFullDisk(options, () => compose(options, tools));
}

async function compose(options: ComposeOptions, tools: WorkerTools): Promise<ComposeResult> {
  let engine: Promise<StartedEngine> | undefined;
  const start = (): Promise<StartedEngine> =>
    (engine ??= import('./make-commit.ts').then(({ startEngine }) => startEngine(tools)));
  try {
    // What has to be resolved anew will most likely make a new commit.
    const prepared = await prepareCompose(options, tools, { whileSolving: start });
    const { previous, inputId } = prepared;
    if (previous !== null && previous.inputId === inputId && options.force !== true) {
      const { checksum, version } = previous;
      return { ...summary(prepared), changed: false, checksum, version, scriptletOutput: null };
    }
    const { makeCommit } = await import('./make-commit.ts'); // what only a new commit needs
    return { ...summary(prepared), changed: true, ...(await makeCommit(prepared, await start(), options, tools)) };
  } finally {
    await (await engine)?.dismiss(); // of no effect once it has done its work
  }
}

function summary({
  treefile,
  previous,
  inputId,
  lock,
  diff,
}: PreparedCompose): Omit<ComposeResult, 'changed' | 'checksum' | 'version' | 'scriptletOutput'> {
  return {
    ref: treefile.ref,
    previous: previous?.checksum ?? null,
    inputId,
    packages: lock.packages.length,
    diff,
    lock,
  };
}
