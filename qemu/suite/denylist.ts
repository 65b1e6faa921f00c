// The denylist: tests and console findings that are known to be bad, each with a reason and a day on which it must be looked at again.
//
//     - pattern: ext.mine.net.*
//       reason: the DHCP server answers late, issue 12
//       expires: 2027-01-31
//     - finding: kernel-warning
//       match: fs/overlayfs
//       reason: fixed in kernel 6.13
//       expires: 2027-03-01

import { readFile } from 'node:fs/promises';
import { didYouMean, Problems } from '../../compose/treefile/problems.ts';
import { describeNode, type MappingNode, plainValue, type SourceNode } from '../../compose/treefile/source/node.ts';
import { parseText } from '../../compose/treefile/source/read.ts';
import { SourceFile } from '../../compose/treefile/source/source-file.ts';
import { UserError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import { type ConsoleFinding, consoleChecks } from '../console-checks.ts';
import { matches } from './select.ts';

export type DenylistEntry = {
  readonly reason: string;
  /** The last day of validity, YYYY-MM-DD in UTC. */
  readonly expires: string;
} & (
  | { readonly type: 'test'; readonly pattern: string }
  /** `match` is text that the line must hold. */
  | { readonly type: 'finding'; readonly finding: string; readonly match: string }
);

const keys = ['pattern', 'finding', 'match', 'reason', 'expires'] as const;

/** @param today YYYY-MM-DD. @throws DiagnosticsError with every problem; an expired entry is one. */
export async function readDenylist(file: string, today: string): Promise<DenylistEntry[]> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UserError('denylist-unreadable', `${file} cannot be read: ${cause.message}`, { cause });
  });
  return parseDenylist(new SourceFile(file, text), today);
}

export function parseDenylist(source: SourceFile, today: string): DenylistEntry[] {
  const problems = new Problems();
  const parsed = parseText(source, 'yaml');
  const entries: DenylistEntry[] = [];
  if ('error' in parsed) problems.error('syntax', parsed.error.message, parsed.error.span, parsed.error.hint);
  else if (parsed.root.type !== 'sequence') {
    if (parsed.root.type !== 'mapping' || parsed.root.entries.length > 0)
      problems.error('wrong-type', `a denylist must be a list, not ${describeNode(parsed.root)}`, parsed.root);
  } else for (const item of parsed.root.items) entries.push(...readEntry(item, today, problems));
  problems.throwIfErrors();
  return entries;
}

/** The reason why a test is denied, or null. */
export function deniedTest(denylist: readonly DenylistEntry[], name: string): string | null {
  const entry = denylist.find((candidate) => candidate.type === 'test' && matches(candidate.pattern, name));
  return entry === undefined ? null : `denied until ${entry.expires}: ${entry.reason}`;
}

/** The findings that no entry allows. */
export function remainingFindings(
  denylist: readonly DenylistEntry[],
  found: readonly ConsoleFinding[],
): ConsoleFinding[] {
  return found.filter(
    ({ code, line }) =>
      !denylist.some((entry) => entry.type === 'finding' && entry.finding === code && line.includes(entry.match)),
  );
}

function readEntry(node: SourceNode, today: string, problems: Problems): DenylistEntry[] {
  if (node.type !== 'mapping') {
    problems.error('wrong-type', `an entry must be a mapping, not ${describeNode(node)}`, node);
    return [];
  }
  const values = readStrings(node, problems);
  const { pattern, finding, match = '', reason, expires } = values;
  if ((pattern === undefined) === (finding === undefined)) {
    problems.error('entry-incomplete', 'an entry needs "pattern" (of test names) or "finding", and not both', node);
  }
  for (const name of ['reason', 'expires'] as const) {
    if (values[name] === undefined) problems.error('entry-incomplete', `an entry needs "${name}"`, node);
  }
  if (reason === undefined || expires === undefined) return [];
  const expiresNode = node.entries.find(({ key }) => key.value === 'expires')!.value;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(expires) || Number.isNaN(Date.parse(expires))) {
    problems.error('wrong-type', `"expires" must be a day as YYYY-MM-DD`, expiresNode);
  } else if (expires < today) {
    problems.error(
      'entry-expired',
      `this entry expired on ${expires}`,
      expiresNode,
      'remove it, or look again and give a new day',
    );
  }
  if (pattern !== undefined) return [{ type: 'test', pattern, reason, expires }];
  if (finding === undefined) return [];
  const codes = consoleChecks.map(({ code }) => code);
  if (!codes.includes(finding)) {
    const at = node.entries.find(({ key }) => key.value === 'finding')!.value;
    problems.error('finding-unknown', `no check is called "${finding}"`, at, didYouMean(nearestNames(finding, codes)));
  }
  return [{ type: 'finding', finding, match, reason, expires }];
}

function readStrings(node: MappingNode, problems: Problems): Partial<Record<(typeof keys)[number], string>> {
  const values: Partial<Record<(typeof keys)[number], string>> = {};
  for (const { key, value } of node.entries) {
    const name = keys.find((known) => known === key.value);
    if (name === undefined) {
      problems.error('unknown-key', `no such key "${key.value}"`, key, didYouMean(nearestNames(key.value, keys)));
      continue;
    }
    const plain = plainValue(value);
    if (typeof plain === 'string' && plain.trim() !== '') values[name] = plain;
    else problems.error('wrong-type', `"${name}" must be a string, not ${describeNode(value)}`, value);
  }
  return values;
}
