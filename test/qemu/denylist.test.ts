import { join } from 'node:path';
import test from 'ava';
import type { DiagnosticsError } from '../../lib/diagnostics.ts';
import { describeExpired, excuseFor, expiredEntries, readDenylist } from '../../qemu/denylist.ts';
import { tree } from '../support/temporary.ts';

const good = `- finding: segfault
  text: chronyd\\[
  reason: chrony 4.5 fails at exit, fixed in 4.6
  expires: "2026-12-31"
- test: network/*
  firmwares: [uefi]
  reason: the card of this firmware is lost
  expires: "2026-11-30"
`;

test('excuseFor() finds the entry for what an entry names, and for nothing else', async (t) => {
  const folder = await tree(t, { 'denylist.yaml': good });
  const entries = readDenylist(join(folder, 'denylist.yaml'));
  const finding = { type: 'finding', name: 'segfault', text: 'chronyd[7]: segfault at 8', firmware: 'bios' } as const;
  const named = { type: 'test', name: 'network/dns', text: '', firmware: 'uefi' } as const;
  const excused = (subject: Parameters<typeof excuseFor>[0], today: string): boolean =>
    excuseFor(subject, entries, today) !== undefined;
  t.true(excused(finding, '2026-12-31'));
  t.false(excused(finding, '2027-01-01'));
  t.false(excused({ ...finding, text: 'sshd[7]: segfault at 8' }, '2026-12-31'));
  t.false(excused({ ...finding, name: 'core-dump' }, '2026-12-31'));
  t.true(excused(named, '2026-11-30'));
  t.false(excused({ ...named, firmware: 'bios' }, '2026-11-30'));
  t.false(excused({ ...named, name: 'xnetwork/dns' }, '2026-11-30'));
});

test('expiredEntries() names what counts no more, with its place', async (t) => {
  const folder = await tree(t, { 'denylist.yaml': good });
  const file = join(folder, 'denylist.yaml');
  t.deepEqual(expiredEntries(readDenylist(file), '2026-12-01').map(describeExpired), [
    `${file}:5: the entry for tests expired on 2026-11-30 and counts no more (the card of this firmware is lost)`,
  ]);
});

const reason = 'reason: r';
const expires = 'expires: "2026-12-31"';
const wrong: [title: string, yaml: string, message: RegExp, line: number][] = [
  ['no reason', `- test: a\n  ${expires}\n`, /^"reason" is missing here/, 1],
  ['no expiry date', `- test: a\n  ${reason}\n`, /^"expires" is missing here/, 1],
  [
    'a day that does not exist',
    `- test: a\n  ${reason}\n  expires: "2026-02-30"\n`,
    /^"2026-02-30" is not a day such as/,
    3,
  ],
  ['an empty reason', `- test: a\n  reason: " "\n  ${expires}\n`, /^a reason must say something$/, 2],
  ['neither test nor finding', `- ${reason}\n  ${expires}\n`, /^an entry has "test" or "finding", and only one/, 1],
  ['text for a test', `- test: a\n  text: b\n  ${reason}\n  ${expires}\n`, /^"text" belongs to "finding"/, 1],
  ['a bad expression', `- finding: a\n  text: "("\n  ${reason}\n  ${expires}\n`, /^not a regular expression: /, 2],
  ['an unknown field', `- test: a\n  tset: b\n  ${reason}\n  ${expires}\n`, /^no such field "tset"$/, 2],
];

for (const [title, yaml, message, line] of wrong) {
  test(`readDenylist() refuses ${title} and says where`, async (t) => {
    const folder = await tree(t, { 'denylist.yaml': yaml });
    const error = t.throws<DiagnosticsError>(() => readDenylist(join(folder, 'denylist.yaml')));
    const [first] = error!.diagnostics;
    t.regex(first!.message, message);
    t.is(first!.position?.line, line);
  });
}
