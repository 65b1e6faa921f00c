// `slipway treefile explain`: where a value comes from, why a package is in, or which one brings a path.

import { type Explanation, formatExplanation } from '../../../compose/treefile/explain/explanation.ts';
import { explainRequests, isExcluded } from '../../../compose/treefile/explain/package.ts';
import { settlesPath } from '../../../compose/treefile/explain/path.ts';
import { explainSubject, readSubject, type Subject } from '../../../compose/treefile/explain/subject.ts';
import { type DependencyStep, formatChain, whyInstalled } from '../../../compose/treefile/explain/why.ts';
import { type FlatTreefile, flattenTreefile } from '../../../compose/treefile/flatten.ts';
import { basearch } from '../../../compose/treefile/keys/identity.ts';
import { variables } from '../../../compose/treefile/keys/including.ts';
import { findKey, keyNames, mergedKeys } from '../../../compose/treefile/keys.ts';
import { emitWarnings } from '../../../lib/diagnostics.ts';
import { UserError } from '../../../lib/errors.ts';
import { nearestNames } from '../../../lib/near-miss.ts';
import { archOption } from '../../arch-option.ts';
import { type CommandTools, defineCommand } from '../../command.ts';
import { lockfileOptions, readLock } from '../../lockfile-options.ts';
import type { Question } from './ask-repositories.ts';
import { flattenOptions, treefilePositional } from './common.ts';

export const command = defineCommand({
  positionals: {
    ...treefilePositional,
    subject: {
      type: 'string',
      describe: 'A key, a member (metadata.license, variables.stream), a path (/etc/…) or a package',
      demandOption: true,
    },
  },
  options: {
    ...archOption,
    ...lockfileOptions,
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
    [
      'treefile explain host.yaml crun --lockfile lock.json',
      'The same in the tree that is composed with this lockfile',
    ],
    ['treefile explain host.yaml /etc/motd', 'Which lines add or remove a file, or which package brings it'],
  ],
  async run({ treefile, subject: word, arch, resolve, ...argv }, tools) {
    const lock = await readLock(argv);
    const { flat, warnings } = flattenTreefile(treefile, flattenOptions(arch));
    emitWarnings(warnings, tools.events);
    const subject = readSubject(word);
    const explanations = explainSubject(flat, subject);
    const question = { treefile, lock, ...flattenOptions(arch) };
    const found =
      resolve || !isSettled(explanations, subject)
        ? await askRepositories(question, flat, subject, explanations, tools)
        : { ...nothingAsked, inTree: subject.kind === 'package' ? !isExcluded(explanations) : null };
    const parts = [
      ...explanations.map(formatExplanation),
      ...(found.chain === null ? [] : [formatChain(found.chain)]),
      ...(found.owners ?? []).map((owner) => `${owner} brings ${word}`),
      ...conclusion(subject, explanations, found),
    ];
    return {
      document: { kind: 'treefile-explanation', version: 1, subject: word, explanations, ...found },
      text: parts.join('\n\n') || nothingSaid(flat, subject, word, found),
    };
  },
});

/** What the repositories said; all null when they were not asked or there are none. */
interface Found {
  readonly chain: readonly DependencyStep[] | null;
  /** `name-evr.arch` of the packages that bring a path. */
  readonly owners: readonly string[] | null;
  /** Whether a package is in the tree, as far as that is known. */
  readonly inTree: boolean | null;
}

const nothingAsked: Found = { chain: null, owners: null, inTree: null };

/** Whether the lines are answer enough. */
function isSettled(lines: readonly Explanation[], subject: Subject): boolean {
  switch (subject.kind) {
    case 'package':
      return lines.some(({ state }) => state === 'stands');
    case 'path':
      return lines.some((line) => settlesPath(line, subject.path));
    case 'key':
    case 'variable':
      return true;
  }
}

async function askRepositories(
  question: Question,
  flat: FlatTreefile,
  subject: Subject,
  lines: readonly Explanation[],
  tools: CommandTools,
): Promise<Found> {
  const { owningPackages, reasonsOf } = await import('./ask-repositories.ts');
  if (subject.kind === 'path') {
    return { ...nothingAsked, owners: (await owningPackages(question, subject.path, tools)) ?? null };
  }
  if (subject.kind !== 'package') return nothingAsked;
  const reasons = await reasonsOf(question, tools);
  const chain = whyInstalled(reasons ?? [], subject.name, (requests) => explainRequests(flat, requests));
  if (chain === undefined && lines.length === 0) {
    throw notFound(
      subject.name,
      reasons?.map(({ name }) => name),
    );
  }
  return { ...nothingAsked, chain: chain ?? null, inTree: reasons === undefined ? null : chain !== undefined };
}

/** @param installed Names of the tree's packages; undefined when there are no repositories to ask. */
function notFound(name: string, installed: readonly string[] | undefined): UserError {
  const near = nearestNames(name, new Set([...keyNames(), ...(installed ?? [])]));
  const what =
    installed === undefined
      ? 'is no key, no line names it, and the treefile names no repositories to ask for it'
      : 'is neither a key nor a package of this tree';
  return new UserError('not-installed', `${name} ${what}`, {
    hint:
      near.length === 0
        ? 'packages are found by their whole name, paths begin with /'
        : `did you mean ${near.join(' or ')}?`,
  });
}

/** What the lines about a package come to when they do not ask for it. */
function conclusion(subject: Subject, lines: readonly Explanation[], { inTree }: Found): string[] {
  if (subject.kind !== 'package' || inTree === true || lines.length === 0) return [];
  if (inTree === false) return [`${subject.name} is not in the tree`];
  return [
    `nothing asks for ${subject.name} any more; the treefile names no repositories to ask whether another package needs it`,
  ];
}

function nothingSaid(flat: FlatTreefile, subject: Subject, word: string, { owners }: Found): string {
  if (subject.kind === 'variable') return `nobody defines ${word}`;
  if (subject.kind !== 'key') return `no line names ${word}${owners === null ? '' : ', and no package brings it'}`;
  const found = findKey(subject.key)?.key;
  if (subject.member !== undefined || found === undefined || found.form === 'refused') return `nobody sets ${word}`;
  if (found.name === basearch.name) return `nobody sets basearch; it follows the build: ${flat.basearch}`;
  return `nobody sets ${found.name}; the default is ${found.default === undefined ? 'nothing' : JSON.stringify(found.default)}`;
}
