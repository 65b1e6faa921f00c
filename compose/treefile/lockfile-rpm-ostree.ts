// rpm-ostree's lockfile as a tree of nodes -> entries with their places. Unknown fields are refused, as there; null is as good as nothing.

import type { LockedEntry } from './lockfile.ts';
import type { Problems } from './problems.ts';
import type { SourceNode } from './source/node.ts';
import { anything, type Located, located, mapOf, record } from './types/collections.ts';
import { text } from './types/scalars.ts';

const digest = text({
  words: 'a digest such as sha256:…',
  allowed: {
    pattern: /^[a-z0-9]+:[0-9a-f]+$/,
    refusal: (value) => `"${value}" is no digest: write its type, a colon and the hex digits`,
  },
});

const time = text({
  words: 'a time such as 2024-10-24T00:00:00Z',
  allowed: {
    pattern: /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
    refusal: (value) => `"${value}" is no time of RFC 3339, such as 2024-10-24T00:00:00Z`,
  },
});

const lockedPackage = record(
  'a mapping with "evra" or "evr"',
  {
    evra: { type: text({ words: 'an epoch, version, release and architecture' }), optional: true },
    evr: { type: text({ words: 'an epoch, version and release' }), optional: true },
    digest: { type: digest, optional: true },
    metadata: { type: mapOf(anything), optional: true },
  },
  'refuse',
);

const repository = record('a mapping with "generated"', { generated: { type: time } }, 'refuse');

const lockfile = record(
  'a mapping with "packages"',
  {
    packages: { type: mapOf(located(lockedPackage), 'a mapping from names to locked packages') },
    metadata: {
      type: record(
        'a mapping',
        {
          generated: { type: time, optional: true },
          rpmmd_repos: { type: mapOf(repository, 'a mapping from repositories to their times'), optional: true },
        },
        'refuse',
      ),
      optional: true,
    },
  },
  'refuse',
);

/** Undefined after problems were reported. */
export function readRpmOstreeLock(root: SourceNode, problems: Problems): LockedEntry[] | undefined {
  const { packages } = lockfile.read(root, problems.on('the lockfile')) ?? {};
  return packages && [...packages].flatMap(([name, entry]) => lockedEntry(name, entry, problems) ?? []);
}

function lockedEntry(
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
