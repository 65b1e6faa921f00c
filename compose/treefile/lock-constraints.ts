// Lockfiles -> what the resolver may choose, and the check of the locked versions against what the repositories have.

import type { Diagnostic } from '../../lib/diagnostics.ts';
import { editDistance, nearestNames } from '../../lib/near-miss.ts';
import type { LockConstraint, LockRequest } from '../resolve/request.ts';
import type { LockedEntry, Lockfile } from './lockfile.ts';
import { didYouMean, Problems } from './problems.ts';
import type { Span } from './source/source-file.ts';

/** Constraints of the resolver, each with the place that asked for it. */
export interface LockConstraints extends LockRequest {
  readonly constraints: readonly (LockConstraint & { readonly evr: string; readonly span: Span })[];
}

/** A package that some repository has; `evr` as `[epoch:]version-release`. */
export interface AvailablePackage {
  readonly name: string;
  readonly evr: string;
  readonly arch: string;
}

/**
 * Merges lockfiles: a later file replaces what earlier ones say about a name. rpm-ostree's format locks a name on all architectures
 * together; our own replaces an entry of the same name and architecture, and any that has no architecture.
 * @param options.strict Nothing but locked packages may be used. Relaxed: names that are not locked resolve freely.
 */
export function lockConstraints(lockfiles: readonly Lockfile[], { strict }: { strict: boolean }): LockConstraints {
  const byName = new Map<string, LockedEntry[]>();
  for (const { format, entries } of lockfiles) {
    for (const entry of entries) {
      const earlier = format === 'rpm-ostree' ? [] : (byName.get(entry.name) ?? []);
      const kept = earlier.filter(({ arch }) => arch !== undefined && arch !== entry.arch);
      byName.set(entry.name, [...kept, entry]);
    }
  }
  const constraints = [...byName.values()].flat().map(({ name, arch, evr, digest, span }) => ({
    name,
    evr,
    ...(arch === undefined ? {} : { arch }),
    ...(digest === undefined ? {} : { checksum: digest }),
    span,
  }));
  constraints.sort((a, b) => compare(a.name, b.name) || compare(a.arch ?? '', b.arch ?? ''));
  return { constraints, strict };
}

/**
 * Locked versions that no repository has: an error in strict mode or when the package is needed, else a warning.
 * @param available What all repositories have together.
 * @param needed Names of packages that the tree cannot do without.
 */
export function checkLocked(
  { constraints, strict }: LockConstraints,
  available: Iterable<AvailablePackage>,
  needed: ReadonlySet<string>,
): Diagnostic[] {
  const byName = Map.groupBy(available, ({ name }) => name);
  const problems = new Problems();
  for (const { name, evr, arch, span } of constraints) {
    const candidates = byName.get(name) ?? [];
    const found = candidates.some(
      (one) => one.evr.replace(/^0:/, '') === evr && (arch === undefined || one.arch === arch),
    );
    if (found) continue;
    const locked = `${name}-${evr}${arch === undefined ? '' : `.${arch}`}`;
    const message = `the locked package ${locked} is in no repository`;
    const hint =
      candidates.length > 0 ? nearestVersions(evr, candidates) : didYouMean(nearestNames(name, byName.keys()));
    if (strict || needed.has(name)) problems.error('locked-package-missing', message, span, hint);
    else problems.warning('locked-package-missing', message, span, hint);
  }
  return problems.diagnostics;
}

function nearestVersions(evr: string, candidates: readonly AvailablePackage[]): string {
  const versions = [...new Set(candidates.map((one) => `${one.evr.replace(/^0:/, '')}.${one.arch}`))];
  versions.sort((a, b) => editDistance(evr, a) - editDistance(evr, b) || compare(a, b));
  return `there is ${versions.slice(0, 3).join(', ')}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
