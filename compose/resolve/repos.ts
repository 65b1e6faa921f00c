// Finds the repositories that a request names in its `.repo` files. Takes a ResolveRequest, gives RepoConfigs in the order named.

import { readFile } from 'node:fs/promises';
import { type Diagnostic, DiagnosticsError, emitWarnings } from '../../lib/diagnostics.ts';
import { UserError } from '../../lib/errors.ts';
import { whyUnreadable } from '../../lib/file-system-error.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import type { RequestPlaces } from '../treefile/request-places.ts';
import { type IniSection, parseIni } from './ini.ts';
import { type RepoConfig, repoConfigOf } from './repo-config.ts';
import type { ResolveRequest } from './request.ts';
import type { ResolveTools } from './resolve.ts';
import { repoVariables } from './variables.ts';

type RepoRequest = Omit<ResolveRequest, 'packages' | 'excludePackages' | 'recommends' | 'advisories' | 'cacheDir'>;

/**
 * The repositories of `repos`, then (with a lock) those of `lockfileRepos`. Sections that nobody names are only checked for
 * syntax; `enabled=` is not looked at, because the treefile says what is used.
 * @param tools.events Gets the warnings; left out where resolving has told them already.
 * @throws DiagnosticsError with all problems of the files and all names that are defined nowhere, UserError `no-repository`
 */
export async function loadRepos(
  request: RepoRequest,
  { events, places }: Partial<Pick<ResolveTools, 'events' | 'places'>> = {},
): Promise<RepoConfig[]> {
  const diagnostics: Diagnostic[] = [];
  const sections = new Map<string, IniSection>();
  for (const file of request.repoFiles) {
    const parsed = parseIni(await readRepoFile(file), file);
    diagnostics.push(...parsed.diagnostics);
    for (const section of parsed.sections) sections.set(section.name, section);
  }
  const wanted = [...new Set([...request.repos, ...(request.lock === null ? [] : request.lockfileRepos)])];
  if (wanted.length === 0) {
    throw new UserError('no-repository', 'the treefile names no repository', {
      hint: 'add repos: with ids of .repo files',
    });
  }
  // In a file that cannot be read whole, the section may be there.
  if (diagnostics.length === 0) diagnostics.push(...unknownRepos(wanted, [...sections.keys()], request, places));

  const variables = repoVariables(request.arch, request.releasever, request.repovars);
  const repos: RepoConfig[] = [];
  for (const id of wanted) {
    const section = sections.get(id);
    if (section === undefined) continue;
    const made = repoConfigOf(section, variables);
    diagnostics.push(...made.diagnostics);
    repos.push(made.repo);
  }
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) throw new DiagnosticsError(diagnostics);
  if (events !== undefined) emitWarnings(diagnostics, events);
  return repos;
}

async function readRepoFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError('repo-file-unreadable', `${file} cannot be read: ${whyUnreadable(cause)}`, { cause });
  }
}

function unknownRepos(
  wanted: readonly string[],
  defined: readonly string[],
  { repoFiles, repoPackages }: RepoRequest,
  places: RequestPlaces | undefined,
): Diagnostic[] {
  const problem = (id: string, message: string, hint: string): Diagnostic => {
    return { severity: 'error', code: 'repo-unknown', message, ...places?.repos.get(id), hint };
  };
  const missing = wanted
    .filter((id) => !defined.includes(id))
    .map((id) => {
      const message = `no .repo file beside the treefiles defines the repository ${id}`;
      return problem(id, message, repoFiles.length === 0 ? 'put a .repo file there' : knownIds(id, defined));
    });
  const usable = wanted.filter((id) => defined.includes(id));
  const unused = repoPackages
    .filter(({ repo }) => !wanted.includes(repo))
    .map(({ repo }) => {
      const hint = defined.includes(repo) ? 'add it to repos' : knownIds(repo, usable);
      return problem(repo, `repo-packages names the repository ${repo}, which is not in repos`, hint);
    });
  return [...missing, ...unused];
}

function knownIds(id: string, known: readonly string[]): string {
  if (known.length === 0) return 'none is known';
  const [near] = nearestNames(id, known, 1);
  return `${near === undefined ? 'known' : `did you mean "${near}"? Known`} are ${known.join(', ')}`;
}
