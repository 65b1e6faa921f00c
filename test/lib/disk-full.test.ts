import { constants } from 'node:os';
import test from 'ava';
import { isDiskFull } from '../../lib/disk-full.ts';
import { ToolError } from '../../lib/errors.ts';
import { deserializeError, serializeError } from '../../lib/serialized-error.ts';

const ofTool = { message: 'ostree failed', command: 'ostree', exitCode: 1, signal: null };

for (const [title, error, expected] of [
  ['a full disk', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }), true],
  [
    'a full quota, which Node has no name for',
    Object.assign(new Error('UNKNOWN: unknown error, write'), {
      ...{ code: 'UNKNOWN', errno: -constants.errno.EDQUOT, syscall: 'write' },
    }),
    true,
  ],
  ['what a program says', new ToolError({ ...ofTool, output: 'error: Disk quota exceeded' }), true],
  ['a reason behind another', new Error('failed', { cause: new Error('No space left on device') }), true],
  ['no permission', Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }), false],
  ['no error', 'No space left on device', false],
] as const) {
  test(`isDiskFull() tells ${title}`, (t) => {
    t.is(isDiskFull(error), expected);
  });
}

test('a full quota is still one behind the border of a process', (t) => {
  const error = Object.assign(new Error('UNKNOWN: unknown error, write'), {
    ...{ code: 'UNKNOWN', errno: -constants.errno.EDQUOT, syscall: 'write' },
  });
  t.true(isDiskFull(deserializeError(serializeError(error))));
});
