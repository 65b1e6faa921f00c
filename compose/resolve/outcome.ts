// What the solver's outcome means for the user: a solution with warnings, or an error that tells about the lock file first.

import { type Diagnostic, DiagnosticsError } from '../../lib/diagnostics.ts';
import type { UserError } from '../../lib/errors.ts';
import { checkLocked } from '../treefile/lock-constraints.ts';
import type { RequestPlace } from '../treefile/request-places.ts';
import { explainUnmatched, explainUnsolvable } from './explain.ts';
import type { LockRequest } from './request.ts';
import type { SolverOutcome } from './solv/job.ts';

type Solved = Extract<SolverOutcome, { type: 'solved' }>;

/**
 * @param lock As asked for, so that constraints from files know their places.
 * @throws DiagnosticsError when a locked package that no repository has is needed or the lock is strict, with what it keeps from being
 *   resolved; else UserError `package-not-found` or `unsolvable`.
 * @returns the solution, and warnings about locked packages that nothing needs.
 */
export function checkOutcome(
  outcome: SolverOutcome,
  lock: LockRequest | null,
  places: ReadonlyMap<string, RequestPlace> = new Map(),
): { solved: Solved; warnings: readonly Diagnostic[] } {
  const problems = missingLockedProblems(outcome, lock);
  const refusal = refusalOf(outcome, places);
  if (problems.some(({ severity }) => severity === 'error'))
    throw new DiagnosticsError([...problems, ...(refusal === undefined ? [] : diagnosticsOf(refusal))]);
  if (refusal !== undefined) throw refusal;
  return { solved: outcome as Solved, warnings: problems };
}

function missingLockedProblems(outcome: SolverOutcome, lock: LockRequest | null): Diagnostic[] {
  const { missingLocked } = outcome;
  if (lock === null || missingLocked.length === 0) return [];
  const names = new Set(missingLocked.map(({ name }) => name));
  const constraints = lock.constraints.filter(({ name }) => names.has(name));
  const available = missingLocked.flatMap((constraint) => constraint.available);
  return checkLocked({ constraints, strict: lock.strict }, available, neededNames(outcome));
}

/** Names that the tree cannot do without: of packages that were filtered out, and as they are asked for when nothing is known of them. */
function neededNames(outcome: SolverOutcome): Set<string> {
  const nameIn = (dependency: string): string => /^[^\s<>=]+/.exec(dependency)?.[0] ?? dependency;
  switch (outcome.type) {
    case 'solved':
      return new Set();
    case 'unmatched':
      return new Set(outcome.requests.flatMap(({ request, filtered }) => [nameIn(request), ...filtered.map(nameOf)]));
    case 'unsolvable':
      return new Set(
        outcome.problems.flatMap(({ missing, filtered }) => [...missing.map(nameIn), ...filtered.map(nameOf)]),
      );
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function refusalOf(outcome: SolverOutcome, places: ReadonlyMap<string, RequestPlace>): UserError | undefined {
  switch (outcome.type) {
    case 'solved':
      return undefined;
    case 'unmatched':
      return explainUnmatched(outcome.requests, places);
    case 'unsolvable':
      return explainUnsolvable(outcome.problems);
  }
}

/** The hints of explain.ts are about the treefile; here the lock file is to be changed, and its own hint says how. */
function diagnosticsOf(refusal: UserError): readonly Diagnostic[] {
  if (refusal instanceof DiagnosticsError) return refusal.diagnostics;
  return [{ severity: 'error', code: refusal.code, message: refusal.message }];
}
