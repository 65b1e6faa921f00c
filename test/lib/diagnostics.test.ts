import test from 'ava';
import { type Diagnostic, DiagnosticsError, formatDiagnostic, sortDiagnostics } from '../../lib/diagnostics.ts';
import { UserError } from '../../lib/errors.ts';

const unknownKey: Diagnostic = {
  severity: 'error',
  code: 'unknown-key',
  message: 'no such key "pakages"',
  position: { file: 'base.yaml', line: 14, column: 1, endColumn: 8 },
  sourceLine: 'pakages:',
  hint: 'did you mean "packages"?',
};

const printed: readonly (readonly [title: string, diagnostic: Diagnostic, text: string])[] = [
  [
    'with the line and a caret under the word',
    unknownKey,
    [
      'error[unknown-key]: no such key "pakages"',
      '  --> base.yaml:14:1',
      '14 | pakages:',
      '   | ^^^^^^^ did you mean "packages"?',
    ].join('\n'),
  ],
  [
    'with tabs kept before the caret',
    { ...unknownKey, hint: undefined, position: { file: 'a.yaml', line: 2, column: 3 }, sourceLine: '\t-x' },
    ['error[unknown-key]: no such key "pakages"', '  --> a.yaml:2:3', '2 | \t-x', '  | \t ^'].join('\n'),
  ],
  [
    'with carets as wide as the characters above them',
    {
      ...unknownKey,
      position: { file: 'a.yaml', line: 1, column: 9, endColumn: 11 },
      sourceLine: '日本e\u0301: \u{1f600}한글x',
    },
    [
      'error[unknown-key]: no such key "pakages"',
      '  --> a.yaml:1:9',
      '1 | 日本e\u0301: \u{1f600}한글x',
      '  |          ^^^^ did you mean "packages"?',
    ].join('\n'),
  ],
  [
    'without a line',
    { ...unknownKey, sourceLine: undefined },
    'error[unknown-key]: no such key "pakages"\n  --> base.yaml:14:1\n  hint: did you mean "packages"?',
  ],
  [
    'without a place',
    { severity: 'warning', code: 'odd', message: 'this is odd', hint: 'look' },
    'warning[odd]: this is odd\n  hint: look',
  ],
];

for (const [title, diagnostic, text] of printed) {
  test(`formatDiagnostic() prints a problem ${title}`, (t) => t.is(formatDiagnostic(diagnostic), text));
}

function at(file: string, line: number, column: number, severity: Diagnostic['severity'] = 'error'): Diagnostic {
  return { severity, code: 'c', message: `${file}:${line}:${column}`, position: { file, line, column } };
}

test('sortDiagnostics() orders by file, line, column and severity, and puts problems without a place last', (t) => {
  const placeless: Diagnostic = { severity: 'error', code: 'c', message: 'nowhere' };
  const sorted = [at('a', 1, 2), at('a', 2, 1, 'error'), { ...at('a', 2, 1, 'warning') }, at('b', 1, 1), placeless];
  t.deepEqual(sortDiagnostics([...sorted].reverse()), sorted);
});

test('sortDiagnostics() keeps equal problems once', (t) => {
  t.is(sortDiagnostics([at('a', 1, 1), at('a', 1, 1), { ...at('a', 1, 1), code: 'other' }]).length, 2);
});

test('DiagnosticsError holds all problems, sorted, and prints them as its message', (t) => {
  const error = new DiagnosticsError([at('b', 1, 1), at('a', 1, 1)]);
  t.true(error instanceof UserError);
  t.deepEqual(
    error.diagnostics.map((diagnostic) => diagnostic.position?.file),
    ['a', 'b'],
  );
  t.is(error.message, 'error[c]: a:1:1\n  --> a:1:1\nerror[c]: b:1:1\n  --> b:1:1');
});
