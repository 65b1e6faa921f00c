import test from 'ava';
import { readEscapes } from '../../qemu/terminal.ts';

const table: [typed: string, pending: boolean, sent: string, quit: boolean, left: boolean][] = [
  ['ls\r', false, 'ls\r', false, false],
  ['\x03', false, '\x03', false, false],
  ['ab\x01x', false, 'ab', true, false],
  ['\x01X', false, '', true, false],
  ['\x01', false, '', false, true],
  ['x', true, '', true, false],
  ['\x01a\x01\x01', false, '\x01\x01', false, false],
  ['\x01qz', false, 'z', false, false],
];

for (const [typed, pending, sent, quit, left] of table) {
  test(`readEscapes() of ${JSON.stringify(typed)}${pending ? ' after Ctrl-A' : ''}`, (t) => {
    const read = readEscapes(Buffer.from(typed), pending);
    t.deepEqual([Buffer.from(read.bytes).toString(), read.quit, read.pending], [sent, quit, left]);
  });
}
