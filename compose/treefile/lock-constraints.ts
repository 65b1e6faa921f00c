// Lockfiles -> what the resolver may choose, and the check of the locked versions against what the repositories have.

import type { Diagnostic } from '../../lib/diagnostics.ts';
import { editDistance, nearestNames } from '../../lib/near-miss.ts';
import type { LockConstraint, LockRequest } from '../resolve/request.ts';
import type { AvailablePackage } from '../resolve/solv/job.ts';
import type { LockedEntry, Lockfile } from './lockfile.ts';
import { didYouMean, Problems } from './problems.ts';
import type { Span } from './source/source-file.ts';

/** Constraints of the resolver, each with the place that asked for it. */
export interface LockConstraints extends LockRequest {
  readonly constraints: readonly (LockConstraint & { readonly evr: string; readonly span: Span })[];
}

/**
 * Merges lockfiles: a later file replaces what earlier ones say about a name. rpm-ostree's format locks a name on all architectures
 * together; our own replaces entries of the same name and architecture, and such as stand for the name on every architecture.
 * @param options.strict Nothing but locked packages may be used. Relaxed: names that are not locked resolve freely.
 */
export function lockConstraints(lockfiles: readonly Lockfile[], { strict }: { strict: boolean }): LockConstraints {
  const byName = new Map<string, LockedEntry[]>();
  for (const { format, entries } of lockfiles) {
    for (const [name, added] of Map.groupBy(entries, (entry) => entry.name)) {
      const earlier = format === 'rpm-ostree' ? [] : (byName.get(name) ?? []);
      const kept = earlier.filter((entry) => !added.some((newer) => replaces(newer, entry)));
      byName.set(name, [...kept, ...added]);
    }
  }
  const constraints = [...byName.values()].flat().map(({ name, arch, evr, digest, advisories, span }) => ({
    name,
    evr,
    ...(arch === undefined ? {} : { arch }),
    ...(digest === undefined ? {} : { checksum: digest }),
    ...(advisories === undefined ? {} : { advisories }),
    span,
  }));
  constraints.sort((a, b) => compare(a.name, b.name) || compare(a.arch ?? '', b.arch ?? ''));
  return { constraints, strict };
}

function replaces(newer: LockedEntry, older: LockedEntry): boolean {
  return newer.arch === older.arch || onEveryArchitecture(newer) || onEveryArchitecture(older);
}

function onEveryArchitecture({ arch }: LockedEntry): boolean {
  return arch === undefined || arch === 'noarch';
}

/** A constraint as the resolver knows it, with its place when it came from a lockfile. */
type PlacedConstraint = LockConstraint & { readonly span?: Span };

/**
 * Locked packages that no repository has: an error in strict mode or when the package is needed, else a warning.
 * @param available What all repositories have together.
 * @param needed Names of packages that the tree cannot do without.
 */
export function checkLocked(
  { constraints, strict }: { readonly constraints: readonly PlacedConstraint[]; readonly strict: boolean },
  available: Iterable<AvailablePackage>,
  needed: ReadonlySet<string>,
): Diagnostic[] {
  const byName = Map.groupBy(available, ({ name }) => name);
  const problems = new Problems();
  for (const constraint of constraints) {
    const candidates = byName.get(constraint.name) ?? [];
    const versions = candidates.filter((candidate) => hasVersion(candidate, constraint));
    const { name, checksum, span } = constraint;
    if (versions.some((candidate) => checksum === undefined || candidate.checksum === checksum)) continue;
    const [code, message, hint] =
      versions.length > 0
        ? ([
            'locked-digest',
            `the repositories have another ${describe(constraint)} than the locked one`,
            digestHint(versions[0]!),
          ] as const)
        : ([
            'locked-package-missing',
            `the locked package ${describe(constraint)} is in no repository`,
            nearest(constraint, candidates, byName.keys()),
          ] as const);
    if (strict || needed.has(name)) problems.error(code, message, span, hint);
    else problems.warning(code, message, span, hint);
  }
  return problems.diagnostics;
}

function hasVersion(candidate: AvailablePackage, { evr, arch }: LockConstraint): boolean {
  return (
    (evr === undefined || plainEvr(candidate.evr) === plainEvr(evr)) && (arch === undefined || candidate.arch === arch)
  );
}

function describe({ name, evr, arch }: LockConstraint): string {
  return `${name}${evr === undefined ? '' : `-${plainEvr(evr)}`}${arch === undefined ? '' : `.${arch}`}`;
}

function digestHint({ checksum }: AvailablePackage): string {
  return `theirs is ${checksum}`;
}

function nearest(
  { name, evr }: LockConstraint,
  candidates: readonly AvailablePackage[],
  known: Iterable<string>,
): string | undefined {
  if (candidates.length === 0) return didYouMean(nearestNames(name, known));
  const versions = [...new Set(candidates.map((one) => `${plainEvr(one.evr)}.${one.arch}`))];
  versions.sort((a, b) => editDistance(evr ?? '', a) - editDistance(evr ?? '', b) || compare(a, b));
  return `there is ${versions.slice(0, 3).join(', ')}`;
}

function plainEvr(evr: string): string {
  return evr.replace(/^0:/, '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
