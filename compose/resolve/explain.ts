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
  const sentences = requests.map((unmatched) => {
    const { request, repo, filtered, unreadable } = unmatched;
    if (unreadable !== undefined) return `${shortened(request)} ${unreadable}`;
    const where = repo === undefined ? '' : ` in the repository ${repo}`;
    const [first, ...others] = filtered;
    if (first !== undefined) return `${request}: ${first.package}${andMore(others)} is ${first.reason}`;
    const instead = insteadOf(unmatched);
    return `${request}: no such package${where}${instead === undefined ? '' : `; ${instead}`}`;
  });
  const message =
    sentences.length === 1
      ? `a requested package is not available: ${sentences[0]}`
      : `${sentences.length} requested packages are not available:\n${sentences.map((line) => `  ${line}`).join('\n')}`;
  return new UserError('package-not-found', message, {
    hint: 'correct the names in packages:, or add the repository that has them to repos:',
  });
}

function placedProblem(unmatched: UnmatchedRequest, place: RequestPlace): Diagnostic {
  const { request, repo, filtered, unreadable } = unmatched;
  const problem = { severity: 'error', code: 'package-not-found', ...place } as const;
  if (unreadable !== undefined) {
    const hint = `a request with spaces is put in single quotes: "'(a or b)'"`;
    return { ...problem, code: 'request-syntax', message: `"${shortened(request)}" ${unreadable}`, hint };
  }
  const where = repo === undefined ? 'no repository' : `the repository ${repo}`;
  const [first, ...others] = filtered;
  if (first === undefined) {
    const hint = insteadOf(unmatched) ?? 'correct the name, or add the repository that has it';
    return { ...problem, message: `${where} has ${repo === undefined ? 'a' : 'no'} package ${request}`, hint };
  }
  return { ...problem, message: `${request} is not available: ${first.package}${andMore(others)} is ${first.reason}` };
}

function shortened(request: string): string {
  return request.length > 60 ? `${request.slice(0, 60)}…` : request;
}

/** Undefined when the repositories have nothing like it. */
function insteadOf({ available, near }: UnmatchedRequest): string | undefined {
  if (available.length > 0) return `there is ${available.slice(0, 3).join(', ')}${andMore(available.slice(3))}`;
  return near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`;
}

function andMore({ length }: readonly unknown[]): string {
  return length === 0 ? '' : ` (and ${length} more)`;
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
