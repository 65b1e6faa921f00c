// Lockfiles as people and bots write them -> entries with their places. Two formats: rpm-ostree's (JSON or YAML, keyed by name) and
// our own, the package lock of compose/resolve/lock.ts (keyed by name and architecture).

import { resolve } from 'node:path';
import { Problems } from './problems.ts';
import type { MappingNode, SourceNode } from './source/node.ts';
import { plainValue } from './source/node.ts';
import { readSource } from './source/read.ts';
import type { Span } from './source/source-file.ts';
import { anything, type Located, listOf, located, mapOf, record } from './types/collections.ts';
import { count, oneOf, text } from './types/scalars.ts';

export interface LockedEntry {
  readonly name: string;
  /** Undefined: any architecture. */
  readonly arch: string | undefined;
  /** `[epoch:]version-release`; an epoch of 0 is left out. */
  readonly evr: string;
  /** `sha256:…`, when given: the package must have this digest. */
  readonly digest: string | undefined;
  /** Where the entry is written. */
  readonly span: Span;
}

export interface Lockfile {
  readonly format: 'rpm-ostree' | 'slipway';
  readonly file: string;
  readonly entries: readonly LockedEntry[];
}

const digest = text({
  words: 'a digest such as sha256:…',
  refuse: (value) =>
    /^[a-z0-9]+:[0-9a-f]+$/.test(value)
      ? undefined
      : `"${value}" is no digest: write its type, a colon and the hex digits`,
});

const rpmOstreeEntry = record(
  'a mapping with "evra" or "evr"',
  {
    evra: { type: text({ words: 'an epoch, version, release and architecture' }), optional: true },
    evr: { type: text({ words: 'an epoch, version and release' }), optional: true },
    digest: { type: digest, optional: true },
    metadata: { type: mapOf(anything), optional: true },
  },
  'refuse',
);

const rpmOstreeLockfile = record(
  'a lockfile, a mapping with "packages"',
  {
    packages: { type: mapOf(located(rpmOstreeEntry)) },
    metadata: {
      type: record(
        'a mapping',
        {
          generated: { type: text(), optional: true },
          rpmmd_repos: { type: mapOf(anything), optional: true },
        },
        'refuse',
      ),
      optional: true,
    },
  },
  'refuse',
);

const ownLockfile = record('a package lock', {
  kind: { type: oneOf(['package-lock']) },
  version: { type: count },
  packages: {
    type: listOf(
      located(
        record('a locked package', {
          name: { type: text() },
          epoch: { type: count },
          version: { type: text() },
          release: { type: text() },
          arch: { type: text() },
          checksum: { type: record('a checksum', { type: { type: text() }, value: { type: text() } }) },
          size: { type: anything },
          repo: { type: anything },
          url: { type: anything },
        }),
      ),
    ),
  },
  arch: { type: anything, optional: true },
  repos: { type: anything, optional: true },
});

/**
 * Reads lockfiles, YAML or JSON by their names, each in either format.
 * @throws DiagnosticsError with all problems of all files.
 */
export async function readLockfiles(files: readonly string[]): Promise<Lockfile[]> {
  const problems = new Problems();
  const lockfiles: Lockfile[] = [];
  for (const file of files) {
    const parsed = readSource(resolve(file), file, problems);
    const lockfile = parsed === undefined ? undefined : readLockfile(parsed.root, file, problems);
    if (lockfile !== undefined) lockfiles.push(lockfile);
  }
  problems.throwIfErrors();
  return lockfiles;
}

/** The lockfile that a tree of nodes says; problems are reported. */
export function readLockfile(root: SourceNode, file: string, problems: Problems): Lockfile | undefined {
  if (root.type === 'mapping' && root.entries.some(({ key }) => key.value === 'kind'))
    return readOwn(root, file, problems);
  const lockfile = rpmOstreeLockfile.read(root, problems);
  if (lockfile === undefined) return undefined;
  const entries = [...lockfile.packages].flatMap(([name, entry]) => {
    const locked = rpmOstreeLocked(name, entry, problems);
    return locked === undefined ? [] : [locked];
  });
  return { format: 'rpm-ostree', file, entries };
}

function rpmOstreeLocked(
  name: string,
  { value, span }: Located<{ evra?: string; evr?: string; digest?: string }>,
  problems: Problems,
): LockedEntry | undefined {
  if ((value.evra === undefined) === (value.evr === undefined)) {
    problems.error('lockfile', `${name} must have "evra" or "evr", and only one of them`, span);
    return undefined;
  }
  const pattern = value.evra === undefined ? /^(?:\d+:)?[^:-]+-[^:-]+$/ : /^(?:\d+:)?[^:-]+-[^:-]+\.\w+$/;
  const written = value.evr ?? value.evra!;
  if (!pattern.test(written)) {
    const form = value.evr === undefined ? '[epoch:]version-release.arch' : '[epoch:]version-release';
    problems.error('lockfile', `${name} has "${written}", which is not ${form}`, span);
    return undefined;
  }
  const dot = value.evra === undefined ? -1 : written.lastIndexOf('.');
  const evr = dot === -1 ? written : written.slice(0, dot);
  const arch = dot === -1 ? undefined : written.slice(dot + 1);
  return { name, arch, evr: evr.replace(/^0:/, ''), digest: value.digest, span };
}

function readOwn(root: MappingNode, file: string, problems: Problems): Lockfile | undefined {
  const lockfile = ownLockfile.read(root, problems);
  if (lockfile === undefined) return undefined;
  if (lockfile.version !== 1) {
    const version = root.entries.find(({ key }) => key.value === 'version')!.value;
    const found = String(plainValue(version));
    problems.error('document-version', `this package lock has version ${found}, this Slipway reads version 1`, version);
    return undefined;
  }
  const entries = lockfile.packages.map(({ value, span }): LockedEntry => {
    const epoch = value.epoch === 0 ? '' : `${value.epoch}:`;
    const { name, arch, version, release, checksum } = value;
    return { name, arch, evr: `${epoch}${version}-${release}`, digest: `${checksum.type}:${checksum.value}`, span };
  });
  return { format: 'slipway', file, entries };
}
