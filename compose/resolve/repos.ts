// Finds the repositories that a request names in its `.repo` files. Takes a ResolveRequest, gives RepoConfigs in the order named.

import { readFile } from 'node:fs/promises';
import { type Diagnostic, DiagnosticsError } from '../../lib/diagnostics.ts';
import { UserError } from '../../lib/errors.ts';
import type { Events } from '../../lib/events.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import { type IniSection, parseIni } from './ini.ts';
import { type RepoConfig, repoConfigOf } from './repo-config.ts';
import type { ResolveRequest } from './request.ts';
import { repoVariables } from './variables.ts';

/**
 * The repositories of `repos`, then (with a lock) those of `lockfileRepos`. Sections that nobody names are only checked for
 * syntax; `enabled=` is not looked at, because the treefile says what is used.
 * @throws DiagnosticsError with all problems of the files, UserError `repo-unknown` when a name is defined nowhere.
 */
export async function loadRepos(
  request: Pick<ResolveRequest, 'arch' | 'releasever' | 'repoFiles' | 'repos' | 'lockfileRepos' | 'repovars' | 'lock'>,
  events?: Events,
): Promise<RepoConfig[]> {
  const diagnostics: Diagnostic[] = [];
  const sections = new Map<string, IniSection>();
  for (const file of request.repoFiles) {
    const parsed = parseIni(await readRepoFile(file), file);
    diagnostics.push(...parsed.diagnostics);
    for (const section of parsed.sections) sections.set(section.name, section);
  }
  const wanted = [...new Set([...request.repos, ...(request.lock === null ? [] : request.lockfileRepos)])];
  const missing = wanted.filter((id) => !sections.has(id));
  if (missing.length > 0 && diagnostics.length === 0)
    throw unknownRepos(missing, [...sections.keys()], request.repoFiles);

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
  for (const { message, position } of diagnostics) {
    events?.emit({ type: 'warning', message: `${position?.file}:${position?.line}: ${message}` });
  }
  return repos;
}

async function readRepoFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError('repo-file-unreadable', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function unknownRepos(missing: readonly string[], known: readonly string[], files: readonly string[]): UserError {
  const near = missing.flatMap((id) => nearestNames(id, known, 1));
  const described =
    missing.length === 1 ? `the repository ${missing[0]} is` : `the repositories ${missing.join(', ')} are`;
  const hint =
    files.length === 0
      ? 'put a .repo file beside the treefile'
      : near.length > 0
        ? `did you mean ${near.map((id) => `"${id}"`).join(', ')}? Known are: ${known.join(', ')}`
        : `known are: ${known.length === 0 ? 'none' : known.join(', ')}`;
  return new UserError('repo-unknown', `${described} not defined in any .repo file`, { hint });
}
