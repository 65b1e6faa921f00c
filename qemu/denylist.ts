// Known problems that must not fail a run for now: a YAML list whose every entry says why, and until when. Nothing is excused for ever.

import { resolve } from 'node:path';
import { Problems } from '../compose/treefile/problems.ts';
import { readSource } from '../compose/treefile/source/read.ts';
import { listOf, located, record } from '../compose/treefile/types/collections.ts';
import { oneOf, text } from '../compose/treefile/types/scalars.ts';

/** What an entry excuses: tests by name, or findings of the base checks by code and, if given, by their text. */
export type DenylistTarget =
  | { readonly type: 'test'; readonly name: RegExp }
  | { readonly type: 'finding'; readonly code: string; readonly text: RegExp | null };

export interface DenylistEntry {
  readonly target: DenylistTarget;
  /** Why, preferably with a link to the report of the problem. */
  readonly reason: string;
  /** The last day (UTC, `YYYY-MM-DD`) on which the entry counts. */
  readonly expires: string;
  /** Empty: under every firmware. */
  readonly firmwares: readonly string[];
  /** `FILE:LINE`, for messages. */
  readonly place: string;
}

export interface Subject {
  readonly type: DenylistTarget['type'];
  /** Name of the test, or code of the finding. */
  readonly name: string;
  /** What the finding says; '' for a test. */
  readonly text: string;
  readonly firmware: string;
}

const day = text({
  words: 'a day such as "2026-12-31"',
  refuse: (value) => (isDay(value) ? undefined : `"${value}" is not a day such as "2026-12-31"`),
});

const denylist = listOf(
  located(
    record(
      'an entry with "test" or "finding", "reason" and "expires"',
      {
        test: { type: text({ words: 'the name of a test, in which * stands for anything' }), optional: true },
        finding: { type: text({ words: 'the code of a finding, e.g. segfault' }), optional: true },
        text: { type: text({ words: 'a regular expression', refuse: refuseExpression }), optional: true },
        firmwares: { type: listOf(oneOf(['bios', 'uefi', 'uefi-secure'])), optional: true },
        reason: {
          type: text({ refuse: (value) => (value.trim() === '' ? 'a reason must say something' : undefined) }),
        },
        expires: { type: day },
      },
      'refuse',
    ),
  ),
  'a list of entries',
);

/** Reads a denylist (YAML, or JSON by its name). @throws DiagnosticsError with all problems and their places. */
export function readDenylist(file: string): DenylistEntry[] {
  const problems = new Problems([], 'the entry');
  const parsed = readSource(resolve(file), file, problems);
  const written = parsed === undefined ? [] : (denylist.read(parsed.root, problems) ?? []);
  const entries = written.flatMap((entry) => denylistEntry(entry, problems) ?? []);
  problems.throwIfErrors();
  return entries;
}

/**
 * The entry that excuses something today, or undefined.
 * @param today UTC, `YYYY-MM-DD`; the caller's, so that this stays without a clock
 */
export function excuseFor(
  subject: Subject,
  entries: readonly DenylistEntry[],
  today: string,
): DenylistEntry | undefined {
  return entries.find((entry) => !isExpired(entry, today) && concerns(entry, subject));
}

/** Entries that count no more: to be told to people, since what they excused fails again. */
export function expiredEntries(entries: readonly DenylistEntry[], today: string): DenylistEntry[] {
  return entries.filter((entry) => isExpired(entry, today));
}

/** Words of an expired entry for a warning. */
export function describeExpired(entry: DenylistEntry): string {
  const what = entry.target.type === 'test' ? 'tests' : `findings "${entry.target.code}"`;
  return `${entry.place}: the entry for ${what} expired on ${entry.expires} and counts no more (${entry.reason})`;
}

function isExpired(entry: DenylistEntry, today: string): boolean {
  return entry.expires < today; // days of this form sort as text
}

function concerns({ target, firmwares }: DenylistEntry, subject: Subject): boolean {
  if (target.type !== subject.type || (firmwares.length > 0 && !firmwares.includes(subject.firmware))) return false;
  if (target.type === 'test') return target.name.test(subject.name);
  return target.code === subject.name && (target.text === null || target.text.test(subject.text));
}

type WrittenEntry = NonNullable<ReturnType<typeof denylist.read>>[number];

function denylistEntry({ value, span }: WrittenEntry, problems: Problems): DenylistEntry | undefined {
  if ((value.test === undefined) === (value.finding === undefined)) {
    problems.error('denylist', 'an entry has "test" or "finding", and only one of them', span);
    return undefined;
  }
  if (value.test !== undefined && value.text !== undefined) {
    problems.error('denylist', '"text" belongs to "finding": a test is known by its name', span);
    return undefined;
  }
  const { line } = span.source.locate(span.start, span.end).position;
  return {
    target:
      value.test === undefined
        ? { type: 'finding', code: value.finding!, text: value.text === undefined ? null : new RegExp(value.text) }
        : { type: 'test', name: namePattern(value.test) },
    reason: value.reason,
    expires: value.expires,
    firmwares: value.firmwares ?? [],
    place: `${span.source.path}:${line}`,
  };
}

function namePattern(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

function isDay(value: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true;
}

function refuseExpression(expression: string): string | undefined {
  try {
    new RegExp(expression);
    return undefined;
  } catch (error) {
    return `not a regular expression: ${(error as Error).message}`;
  }
}
