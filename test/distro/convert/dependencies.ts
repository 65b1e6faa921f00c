// Debian's versions and dependencies in RPM's terms. Pure.

import type { RpmComparison, RpmDependency } from '../../../lib/rpm/spec.ts';

export interface Evr {
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
}

/**
 * `[epoch:]upstream[-revision]` as epoch, version and release. RPM allows no `-` within either, so it becomes `.`; a package
 * without a revision (native to Debian) gets release 0, and so does every version in a dependency, so that they compare alike. The
 * revision `.` stands above all others in Debian (`<< 2.47-.` means any 2.47), where RPM would take it for nothing.
 */
export function evrFromDebian(version: string): Evr {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(version)!;
  const dash = rest.lastIndexOf('-');
  const upstream = dash === -1 ? rest : rest.slice(0, dash);
  const revision = dash === -1 ? '0' : rest.slice(dash + 1).replace(/^\.$/, highestRelease);
  return { epoch: Number(epoch), version: upstream.replaceAll('-', '.'), release: revision };
}

const highestRelease = '99999';

const comparisons: Readonly<Record<string, RpmComparison>> = {
  '<<': '<',
  '<=': '<=',
  '=': '=',
  '>=': '>=',
  '>>': '>',
  // Long obsolete spellings of `<=` and `>=` (Debian policy 7.1).
  '<': '<=',
  '>': '>=',
};

/**
 * A Debian relationship field. `a | b` becomes the rich dependency `(a or b)`; architecture qualifiers (`:any`) are left out.
 * @throws Error for text that is no relationship
 */
export function dependenciesFromDebian(field: string | undefined): RpmDependency[] {
  return clausesOf(field).map((clause) => {
    const alternatives = clause.split('|').map(relationOf);
    if (alternatives.length === 1) return alternatives[0]!;
    return { name: `(${alternatives.map(relationText).join(' or ')})` };
  });
}

/** Names that packages of the set provide without a version and that no package of the set has. */
export function virtualNames(
  packages: readonly { readonly name: string; readonly provides: string }[],
): ReadonlySet<string> {
  const real = new Set(packages.map(({ name }) => name));
  const provided = packages.flatMap(({ provides }) => dependenciesFromDebian(provides));
  return new Set(
    provided.filter(({ name, version }) => version === undefined && !real.has(name)).map(({ name }) => name),
  );
}

/**
 * What a package cannot live beside. RPM takes an unversioned Provides to match every version, Debian takes it to match none:
 * a versioned conflict with a name that is only virtual is therefore left out.
 */
export function conflictsFromDebian(
  name: string,
  fields: { readonly conflicts: string; readonly breaks: string },
  virtual: ReadonlySet<string>,
): RpmDependency[] {
  return [...dependenciesFromDebian(fields.conflicts), ...dependenciesFromDebian(fields.breaks)].filter(
    (conflict) => conflict.name !== name && !(conflict.version !== undefined && virtual.has(conflict.name)),
  );
}

/**
 * What a package takes the place of: Debian says so with Conflicts, Replaces and Provides of the same name together (policy 7.6.2).
 */
export function obsoletesFromDebian(
  conflicts: readonly RpmDependency[],
  replaces: string | undefined,
  provides: readonly RpmDependency[],
): RpmDependency[] {
  const unversioned = ({ version }: RpmDependency): boolean => version === undefined;
  const replaced = new Set(
    dependenciesFromDebian(replaces)
      .filter(unversioned)
      .map(({ name }) => name),
  );
  const provided = new Set(provides.map(({ name }) => name));
  return conflicts.filter(
    (conflict) => unversioned(conflict) && replaced.has(conflict.name) && provided.has(conflict.name),
  );
}

function clausesOf(field: string | undefined): string[] {
  return (field ?? '')
    .split(',')
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
}

function relationOf(text: string): RpmDependency {
  const match = /^\s*([A-Za-z0-9.+-]+)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^)\s]+)\s*\))?/.exec(text);
  if (match === null) throw new Error(`${JSON.stringify(text)} is not a Debian dependency`);
  const [, name = '', comparison, version] = match;
  if (comparison === undefined || version === undefined) return { name };
  return { name, comparison: comparisons[comparison]!, version: evrText(evrFromDebian(version)) };
}

function evrText({ epoch, version, release }: Evr): string {
  return `${epoch === 0 ? '' : `${epoch}:`}${version}-${release}`;
}

function relationText({ name, comparison, version }: RpmDependency): string {
  return comparison === undefined ? name : `${name} ${comparison} ${version}`;
}
