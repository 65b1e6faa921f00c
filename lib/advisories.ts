// Security advisories, and their form in the metadata of a commit as rpm-ostree writes and reads it (src/libpriv/rpmostree-rpm-util.h,
// RPMOSTREE_UPDATE_ADVISORY_GVARIANT_STRING): id, kind, severity, packages, and a dictionary with bug reports as pairs of address and title.

import { dictionaryOf, type Variant, type VariantValue } from './gvariant.ts';

/** From no danger known to the worst; rpm-ostree writes the place in this list (RpmOstreeAdvisorySeverity). */
export const advisorySeverities = ['none', 'low', 'moderate', 'important', 'critical'] as const;

export type AdvisorySeverity = (typeof advisorySeverities)[number];

/** A bug report. */
export interface CveReference {
  readonly url: string;
  /** Names one or more CVEs. */
  readonly title: string;
}

export interface Advisory {
  /** E.g. `FEDORA-2020-a1b2c3d4e5`. */
  readonly id: string;
  readonly severity: AdvisorySeverity;
  /** Packages of the tree that fix it, `name-[epoch:]version-release.arch`. */
  readonly packages: readonly string[];
  readonly cveReferences: readonly CveReference[];
}

export const advisoriesKey = 'rpmostree.advisories';

const advisoriesType = 'a(suuasa{sv})';
const referencesKey = 'cve_references';
const referencesType = 'a(ss)';

/** DNF_ADVISORY_KIND_SECURITY of libdnf; rpm-ostree writes no others. */
const securityKind = 1;

export function advisoriesVariant(advisories: readonly Advisory[]): Variant {
  return {
    type: advisoriesType,
    value: advisories.map(({ id, severity, packages, cveReferences }) => [
      ...[id, securityKind, advisorySeverities.indexOf(severity), packages],
      [[referencesKey, { type: referencesType, value: cveReferences.map(({ url, title }) => [url, title]) }]],
    ]),
  };
}

/** Empty when the metadata has none. Those of rpm-ostree are read as well. */
export function advisoriesIn(metadata: ReadonlyMap<string, Variant>): Advisory[] {
  const found = metadata.get(advisoriesKey);
  if (found?.type !== advisoriesType) return [];
  return (found.value as readonly (readonly VariantValue[])[]).map(([id, , severity, packages, details]) => ({
    id: id as string,
    severity: advisorySeverities[severity as number] ?? 'none',
    packages: packages as readonly string[],
    cveReferences: referencesIn(dictionaryOf(details!).get(referencesKey)),
  }));
}

function referencesIn(references: Variant | undefined): Advisory['cveReferences'] {
  if (references?.type !== referencesType) return [];
  return (references.value as readonly (readonly [string, string])[]).map(([url, title]) => ({ url, title }));
}

export interface Advised {
  readonly advisories: readonly Advisory[];
  /** All packages of the commit, `name-[epoch:]version-release.arch`. */
  readonly packages: readonly string[];
}

/**
 * Advisories that only the newer commit lists, as `rpm-ostree db diff --advisories` tells them, the worst first. One that came out when the
 * older commit with the same packages had been made is not among them, since the update does not bring its fix.
 */
export function fixedAdvisories(before: Advised, after: Advised): Advisory[] {
  const known = new Set(before.advisories.map(({ id }) => id));
  const installed = new Set(before.packages);
  const rank = ({ severity }: Advisory): number => advisorySeverities.indexOf(severity);
  return after.advisories
    .filter(({ id, packages }) => !known.has(id) && packages.some((name) => !installed.has(name)))
    .sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1));
}
