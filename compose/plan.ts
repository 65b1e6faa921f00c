// The compose plan: the fourth document of the chain. Every choice is made here and nothing reads the clock, the disk or the environment
// after it: the same plan gives the same commit.

import type { Advisory } from '../lib/advisories.ts';
import { type DocumentHeader, stepId } from '../lib/documents.ts';
import { type LockedRepo, nevra, type PackageLock } from './resolve/lock.ts';
import { scriptEnvironment } from './treefile/script-environment.ts';
import type { JsonValue, Treefile } from './treefile/treefile.ts';

/** Counts up when the engine makes another tree from the same input: every ref is then composed anew. */
const engineVersion = 7;

export interface PlannedPackage {
  readonly nevra: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** A commit of the target repository that is laid over the packages. */
export interface PlannedLayer {
  readonly ref: string;
  readonly checksum: string;
  /** Whether it may replace packaged files. */
  readonly override: boolean;
}

/** What a layer brings to the tree. */
export type LayerContent = Pick<PlannedLayer, 'checksum' | 'override'>;

export function layerContent({ checksum, override }: PlannedLayer): LayerContent {
  return { checksum, override };
}

export interface ComposePlan extends DocumentHeader {
  readonly kind: 'compose-plan';
  readonly version: 1;
  /** Equal when, and only when, every input is equal. */
  readonly inputId: string;
  readonly treefile: Treefile;
  /** The treefile without paths of this machine: what is shipped and what the id is made of. */
  readonly portableTreefile: JsonValue;
  readonly packages: readonly PlannedPackage[];
  /** In the order of laying. */
  readonly layers: readonly PlannedLayer[];
  /** Where the packages came from, sorted by id. */
  readonly repositories: readonly LockedRepo[];
  /** Sorted by id; empty where the treefile wants none. */
  readonly advisories: readonly Advisory[];
  /** The time of everything that the compose makes, in seconds since 1970. */
  readonly sourceDateEpoch: number;
  /** Version of the commit, for people; null when the treefile asks for none. */
  readonly commitVersion: string | null;
  /** Checksum of the commit before, or null. */
  readonly parent: string | null;
  readonly commitMetadata: Readonly<Record<string, JsonValue>>;
  /** What whoever started the compose asked for beside the treefile. */
  readonly options: AskedOptions;
}

export interface AskedOptions {
  /** Null when the packages decide. */
  readonly sourceDateEpoch: number | null;
  readonly commitMetadata: Readonly<Record<string, JsonValue>>;
}

/** All that the id of a compose is made of. */
export interface ComposeInputs extends AskedOptions {
  readonly treefile: Treefile;
  /** Digest of each file that the treefile names, by its absolute path. */
  readonly fileDigests: ReadonlyMap<string, string>;
  readonly lock: PackageLock;
  readonly layers: readonly PlannedLayer[];
  /** Version of each program whose work shows in the commit. */
  readonly toolVersions: Readonly<Record<string, string>>;
}

export function inputIdOf(inputs: ComposeInputs): string {
  return stepId('compose-tree', {
    engineVersion,
    treefile: portableTreefile(inputs.treefile, inputs.fileDigests),
    scriptEnvironment: runsScripts(inputs.treefile) ? scriptEnvironment(inputs.treefile.variables) : undefined,
    packages: plannedPackages(inputs.lock),
    layers: inputs.layers.length === 0 ? undefined : inputs.layers.map(layerContent),
    repositories:
      inputs.treefile.repoMetadata === 'inline' ? repositoriesOf(inputs.lock).map(({ id }) => id) : undefined,
    advisories: inlineAdvisories(inputs),
    toolVersions: inputs.toolVersions,
    sourceDateEpoch: inputs.sourceDateEpoch,
    commitMetadata: inputs.commitMetadata,
  });
}

export function makePlan(
  inputs: ComposeInputs,
  choices: Pick<ComposePlan, 'sourceDateEpoch' | 'commitVersion' | 'parent'>,
): ComposePlan {
  return {
    kind: 'compose-plan',
    version: 1,
    inputId: inputIdOf(inputs),
    treefile: inputs.treefile,
    portableTreefile: portableTreefile(inputs.treefile, inputs.fileDigests),
    packages: plannedPackages(inputs.lock),
    layers: inputs.layers,
    repositories: repositoriesOf(inputs.lock),
    advisories: inputs.lock.advisories ?? [],
    commitMetadata: { ...inputs.treefile.addCommitMetadata, ...inputs.commitMetadata },
    options: { sourceDateEpoch: inputs.sourceDateEpoch, commitMetadata: inputs.commitMetadata },
    ...choices,
  };
}

/** Absolute paths of the files that the treefile names and whose content therefore counts. */
export function namedFiles(treefile: Treefile): string[] {
  return [
    ...treefile.addFiles.map((file) => file.source),
    ...(treefile.postprocessScript === null ? [] : [treefile.postprocessScript]),
    ...treefile.finalizeScripts,
    ...(treefile.checkPasswd.type === 'file' ? [treefile.checkPasswd.filename] : []),
    ...(treefile.checkGroups.type === 'file' ? [treefile.checkGroups.filename] : []),
  ];
}

/** Only then do variables reach the tree as such. */
function runsScripts({ postprocess, postprocessScript, finalizeScripts }: Treefile): boolean {
  return postprocess.length > 0 || postprocessScript !== null || finalizeScripts.length > 0;
}

// Where packages come from does not count, only which they are; that is in the lock. A file and a layer count by their content, and what
// only others read, or what stands beside the commit, not at all. Requests for packages count, because they are shipped.
function portableTreefile(treefile: Treefile, digests: ReadonlyMap<string, string>): JsonValue {
  const { file: _file, repoFiles: _repoFiles, repos: _repos, lockfileRepos: _lockfileRepos, ...rest } = treefile;
  const { repovars: _repovars, variables: _variables, metadata: _metadata, rojig: _rojig, ...more } = rest;
  const { gpgKey: _gpgKey, ostreeLayers: _layers, ostreeOverrideLayers: _overrideLayers, ...portable } = more;
  const digestOf = (path: string): string => digests.get(path) ?? '';
  const check = (value: Treefile['checkPasswd']): JsonValue =>
    value.type === 'file' ? { type: 'file', digest: digestOf(value.filename) } : value;
  return {
    ...portable,
    addFiles: treefile.addFiles.map(({ source, destination }) => ({ destination, digest: digestOf(source) })),
    postprocessScript: treefile.postprocessScript === null ? null : digestOf(treefile.postprocessScript),
    finalizeScripts: treefile.finalizeScripts.map(digestOf),
    checkPasswd: check(treefile.checkPasswd),
    checkGroups: check(treefile.checkGroups),
  };
}

function plannedPackages(lock: PackageLock): PlannedPackage[] {
  return lock.packages.map((each) => ({
    nevra: nevra(each),
    digest: `${each.checksum.type}:${each.checksum.value}`,
  }));
}

/** Those that change the commit; undefined without any. */
function inlineAdvisories({ treefile, lock: { advisories = [] } }: ComposeInputs): readonly Advisory[] | undefined {
  return treefile.advisoriesMetadata === 'inline' && advisories.length > 0 ? advisories : undefined;
}

function repositoriesOf(lock: PackageLock): LockedRepo[] {
  return [...lock.repos].sort((a, b) => (a.id < b.id ? -1 : 1));
}
