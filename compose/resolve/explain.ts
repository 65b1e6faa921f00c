// Turns the solver's refusals into sentences with a remedy.

import { type Diagnostic, DiagnosticsError } from '../../lib/diagnostics.ts';
import { UserError } from '../../lib/errors.ts';
import type { RequestPlace } from '../treefile/request-places.ts';
import type { SolverProblem, UnmatchedRequest } from './solv/job.ts';

/**
 * All requests that match nothing, in one error: with the nearest names, or with the reason why matches are filtered out.
 * @returns DiagnosticsError when the places of all requests are known, else UserError `package-not-found`
 */
export function explainUnmatched(
  requests: readonly UnmatchedRequest[],
  places: ReadonlyMap<string, RequestPlace> = new Map(),
): UserError {
  if (requests.every(({ request }) => places.has(request))) {
    return new DiagnosticsError(requests.map((each) => placedProblem(each, places.get(each.request)!)));
  }
  const sentences = requests.map(({ request, repo, filtered, near }) => {
    const where = repo === undefined ? '' : ` in the repository ${repo}`;
    const [first, ...others] = filtered;
    if (first !== undefined) {
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      return `${request}: ${first.package}${more} is ${first.reason}`;
    }
    const guess = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
    return `${request}: no such package${where}${guess}`;
  });
  const message =
    sentences.length === 1
      ? `a requested package is not available: ${sentences[0]}`
      : `${sentences.length} requested packages are not available:\n${sentences.map((line) => `  ${line}`).join('\n')}`;
  return new UserError('package-not-found', message, {
    hint: 'correct the names in packages:, or add the repository that has them to repos:',
  });
}

function placedProblem({ request, repo, filtered, near }: UnmatchedRequest, place: RequestPlace): Diagnostic {
  const problem = { severity: 'error', code: 'package-not-found', ...place } as const;
  const where = repo === undefined ? 'no repository' : `the repository ${repo}`;
  const [first, ...others] = filtered;
  if (first === undefined) {
    const hint =
      near.length === 0 ? 'correct the name, or add the repository that has it' : `did you mean ${near.join(' or ')}?`;
    return { ...problem, message: `${where} has ${repo === undefined ? 'a' : 'no'} package ${request}`, hint };
  }
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return { ...problem, message: `${request} is not available: ${first.package}${more} is ${first.reason}` };
}

/** libsolv's own explanation, one problem a paragraph, its chain of reasons indented below. */
export function explainUnsolvable(problems: readonly SolverProblem[]): UserError {
  const paragraphs = problems.map(({ summary, details, filtered }) => {
    const lines = details.filter((detail) => detail !== summary).map((detail) => `    ${detail}`);
    const notes = filtered.map(
      ({ dependency, package: nevra, reason }) => `    ${nevra} would provide ${dependency}, but it is ${reason}`,
    );
    return [`  ${summary}`, ...lines, ...notes].join('\n');
  });
  const excluded = problems.flatMap(({ filtered }) => filtered.map((entry) => entry.package));
  const hint =
    excluded.length === 0
      ? 'change the requested packages, or add a repository that has what is missing'
      : `allow ${[...new Set(excluded)].join(', ')}, or drop what needs it`;
  return new UserError('unsolvable', `the packages do not fit together:\n${paragraphs.join('\n')}`, { hint });
}
