import test from 'ava';
import { SourceFile } from '../../../compose/treefile/source/source-file.ts';
import { deniedTest, parseDenylist, remainingFindings } from '../../../qemu/suite/denylist.ts';

const today = '2026-06-15';
const parse = (text: string) => parseDenylist(new SourceFile('deny.yaml', text), today);

const good = `- pattern: ext.p.net.*
  reason: issue 12
  expires: 2026-06-15
- finding: kernel-warning
  match: fs/overlayfs
  reason: fixed in 6.13
  expires: 2027-01-01
`;

test('parseDenylist() reads tests and findings, valid through their last day', (t) => {
  const denylist = parse(good);
  t.is(deniedTest(denylist, 'ext.p.net.dns'), 'denied until 2026-06-15: issue 12');
  t.is(deniedTest(denylist, 'ext.p.files'), null);
  const allowed = { code: 'kernel-warning', fatal: false, line: 'WARNING: CPU: 1 PID: 3 at fs/overlayfs/dir.c:1' };
  const other = { ...allowed, line: 'WARNING: CPU: 1 PID: 3 at mm/slab.c:1' };
  t.deepEqual(remainingFindings(denylist, [allowed, other]), [other]);
});

test('parseDenylist() takes an empty file for an empty list', (t) => {
  t.deepEqual(parse('# nothing is denied\n'), []);
});

const wrong: readonly (readonly [text: string, message: RegExp])[] = [
  ['- pattern: a\n  expires: 2027-01-01\n', /an entry needs "reason"\n {2}--> deny.yaml:1:3/],
  ['- pattern: a\n  reason: b\n', /an entry needs "expires"/],
  ['- reason: b\n  expires: 2027-01-01\n', /an entry needs "pattern" \(of test names\) or "finding", and not both/],
  ['- pattern: a\n  reason: b\n  expires: 2026-06-14\n', /this entry expired on 2026-06-14\n {2}--> deny.yaml:3:12/],
  ['- pattern: a\n  reason: b\n  expires: soon\n', /"expires" must be a day as YYYY-MM-DD/],
  ['- patern: a\n  reason: b\n  expires: 2027-01-01\n', /no such key "patern"[\s\S]*did you mean "pattern"\?/],
  [
    '- finding: kernel-warnin\n  reason: b\n  expires: 2027-01-01\n',
    /no check is called "kernel-warnin"[\s\S]*did you mean "kernel-warning"/,
  ],
  ['pattern: a\n', /a denylist must be a list, not a mapping/],
];
for (const [text, message] of wrong) {
  test(`parseDenylist() refuses ${JSON.stringify(text)}`, (t) => {
    t.regex(t.throws(() => parse(text))!.message, message);
  });
}
