import test from 'ava';
import { exitCodeOf, formatError } from '../../cli/report-error.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { DiagnosticsError } from '../../lib/diagnostics.ts';
import { Cancelled, ToolError, UserError } from '../../lib/errors.ts';
import { serializeError } from '../../lib/serialized-error.ts';

const toolError = new ToolError({
  message: 'ostree failed with exit status 1',
  command: "ostree commit '--subject=a b'",
  exitCode: 1,
  signal: null,
  output: 'error: no space\nsorry',
  logFile: '/tmp/ostree.log',
});

const reported: readonly (readonly [name: string, error: Error, exitCode: number, text: string])[] = [
  ['a usage error', new UsageError('what?', 'look'), 2, 'error: what?\nhint: look'],
  ["a user's error", new UserError('c', 'no such file', { hint: 'make it' }), 1, 'error: no such file\nhint: make it'],
  ["a user's error without a hint", new UserError('c', 'no such file'), 1, 'error: no such file'],
  [
    'problems in files',
    new DiagnosticsError([
      { severity: 'error', code: 'a', message: 'one' },
      { severity: 'warning', code: 'b', message: 'two', hint: 'so' },
    ]),
    1,
    'error[a]: one\n\nwarning[b]: two\n  hint: so',
  ],
  [
    "a tool's error",
    toolError,
    1,
    [
      'error: ostree failed with exit status 1',
      '  error: no space',
      '  sorry',
      "+ ostree commit '--subject=a b'",
      'the whole output is in /tmp/ostree.log',
    ].join('\n'),
  ],
  [
    'text that would steer a terminal',
    new UserError('c', 'no \u001b[31mred\u0007\u009b2J\r\tend', { hint: 'a\u007f' }),
    1,
    'error: no \\x1b[31mred\\x07\\x9b2J\\x0d\tend\nhint: a\\x7f',
  ],
  ['a cancelled command', new Cancelled(), 130, 'cancelled'],
];

for (const [name, error, exitCode, text] of reported) {
  test(`${name} ends with status ${exitCode} and its text`, (t) => {
    t.is(exitCodeOf(error), exitCode);
    t.is(formatError(serializeError(error), { color: false }), text);
  });
}

test('a bug ends with status 70, its stack and what to report', (t) => {
  const bug = new TypeError('x is undefined');
  t.is(exitCodeOf(bug), 70);
  const text = formatError(serializeError(bug), { color: false });
  t.regex(text, /^error: Slipway has a bug: x is undefined\nTypeError: x is undefined\n {4}at /);
  t.regex(text, /hint: please report this with the text above/);
});

test('an aborted Node call counts as cancelled', (t) => {
  t.is(exitCodeOf(new DOMException('This operation was aborted', 'AbortError')), 130);
});
