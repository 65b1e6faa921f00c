// `slipway treefile explain`: where a value comes from, why a package is in, or which one brings a path.

import {
  type Explanation,
  explainKey,
  explainPackage,
  explainPath,
  explainVariables,
  formatExplanation,
} from '../../../compose/treefile/explain.ts';
import { type FlatTreefile, flattenInto } from '../../../compose/treefile/flatten.ts';
import { variables } from '../../../compose/treefile/keys/including.ts';
import { findKey, keyNames, mergedKeys } from '../../../compose/treefile/keys.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import type { DependencyStep } from '../../../compose/treefile/why.ts';
import { cacheDirectory } from '../../../lib/cache.ts';
import { UserError } from '../../../lib/errors.ts';
import { type CommandTools, defineCommand } from '../../command.ts';
import { archOption, emitWarnings, flattenOptions, treefilePositional } from './common.ts';

export const command = defineCommand({
  positionals: {
    ...treefilePositional,
    subject: {
      type: 'string',
      describe: 'A key, a member (metadata.license), a path (/etc/…) or a package',
      demandOption: true,
    },
  },
  options: {
    ...archOption,
    resolve: {
      type: 'boolean',
      describe: 'Ask the repositories too even if a line names the package or path',
      default: false,
    },
  },
  suggestions: { subject: () => [variables.name, ...mergedKeys.map((key) => key.name)] },
  examples: [
    ['treefile explain host.yaml ref', 'Which line decides the ref, and what it overrides'],
    ['treefile explain host.yaml podman', 'Which line asks for podman, or which package requires it'],
    ['treefile explain host.yaml /etc/motd', 'Which lines add or remove a file, or which package brings it'],
  ],
  async run({ treefile, subject, arch, resolve }, tools) {
    const problems = new Problems();
    const flat = flattenInto(treefile, flattenOptions(arch), problems);
    problems.throwIfErrors();
    emitWarnings(problems.diagnostics, tools.events);
    const explanations = explain(flat!, subject);
    const kind = kindOf(subject);
    const asksRepos = resolve || !explanations.some((one) => isAnswer(one, subject));
    const chain = kind === 'package' && asksRepos ? await dependencyChain(treefile, subject, arch, tools) : undefined;
    const owners = kind === 'path' && asksRepos ? await owningPackages(treefile, subject, arch, tools) : undefined;
    const { formatChain } = await import('../../../compose/treefile/why.ts');
    const parts = [
      ...explanations.map(formatExplanation),
      ...(chain === undefined ? [] : [formatChain(chain)]),
      ...(owners ?? []).map((owner) => `${owner} brings ${subject}`),
    ];
    return {
      document: {
        kind: 'treefile-explanation',
        version: 1,
        subject,
        explanations,
        chain: chain ?? null,
        owners: owners ?? null,
      },
      text: parts.length === 0 ? nothingSaid(subject, owners !== undefined) : parts.join('\n\n'),
    };
  },
});

function kindOf(subject: string): 'path' | 'variable' | 'key' | 'package' {
  if (subject.startsWith('/')) return 'path';
  if (subject === variables.name || subject.startsWith(`${variables.name}.`)) return 'variable';
  const known =
    findKey(subject) !== undefined ||
    mergedKeys.some((key) => key.form === 'map' && subject.startsWith(`${key.name}.`));
  return known ? 'key' : 'package';
}

function explain(flat: FlatTreefile, subject: string): Explanation[] {
  switch (kindOf(subject)) {
    case 'path':
      return explainPath(flat, subject);
    case 'variable':
      return explainVariables(flat, subject.split('.')[1]);
    case 'key':
      return explainKey(flat, subject);
    case 'package':
      return explainPackage(flat, subject);
  }
}

function nothingSaid(subject: string, askedRepos: boolean): string {
  const found = findKey(subject)?.key;
  if (found === undefined || found.form === 'refused')
    return `no line names ${subject}${askedRepos ? ', and no package brings it' : ''}`;
  const fallback = found.default === undefined ? 'nothing' : JSON.stringify(found.default);
  return `nobody sets ${found.name}; the default is ${fallback}`;
}

/** A line about a whole folder does not say where the files in it come from. */
function isAnswer({ state, value }: Explanation, subject: string): boolean {
  return state === 'stands' && (kindOf(subject) !== 'path' || [value].flat().at(-1) === subject);
}

/** The packages of the tree that have the path; undefined when the treefile names no repositories to ask. */
async function owningPackages(
  treefile: string,
  path: string,
  arch: string | undefined,
  tools: CommandTools,
): Promise<string[] | undefined> {
  const { loadTreefile } = await import('../../../compose/treefile/load.ts');
  const { resolveRequestOf } = await import('../../../compose/resolve/request.ts');
  const { resolvePackages } = await import('../../../compose/resolve/resolve.ts');
  const { findOwners } = await import('../../../compose/resolve/owners.ts');
  const loaded = await loadTreefile(treefile, flattenOptions(arch));
  if (loaded.treefile.repos.length === 0) return undefined;
  const request = resolveRequestOf(loaded.treefile, cacheDirectory());
  return await findOwners(request, await resolvePackages(request, tools), path, tools);
}

/** Resolves the treefile's packages as a compose does. */
async function dependencyChain(
  treefile: string,
  name: string,
  arch: string | undefined,
  { events, signal }: CommandTools,
): Promise<DependencyStep[] | undefined> {
  const { loadTreefile } = await import('../../../compose/treefile/load.ts');
  const { resolveRequestOf } = await import('../../../compose/resolve/request.ts');
  const { resolveWithReasons } = await import('../../../compose/resolve/resolve.ts');
  const { whyInstalled } = await import('../../../compose/treefile/why.ts');
  const loaded = await loadTreefile(treefile, flattenOptions(arch));
  const { reasons } = await resolveWithReasons(resolveRequestOf(loaded.treefile, cacheDirectory()), { events, signal });
  const chain = whyInstalled(reasons, name);
  if (chain !== undefined) return chain;
  const { nearestNames } = await import('../../../lib/near-miss.ts');
  const near = nearestNames(name, new Set([...keyNames(), ...reasons.map((reason) => reason.name)]));
  throw new UserError('not-installed', `${name} is neither a key nor a package of this tree`, {
    hint:
      near.length === 0
        ? 'packages are found by their whole name, paths begin with /'
        : `did you mean ${near.join(' or ')}?`,
  });
}
