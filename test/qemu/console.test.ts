import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { captureConsole } from '../../qemu/console.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('captureConsole() stamps each line with the time of its first character', async (t) => {
  const file = join(await temporaryFolder(t), 'console.log');
  const stream = new PassThrough();
  let clock = 1000;
  const heard: string[] = [];
  const console = captureConsole(stream, file, () => clock);
  console.onLine((line) => heard.push(line.text));
  stream.write('first\r\nsec');
  await turn();
  clock = 3500;
  stream.write('ond\x1b[0m line\n\x1b[1;31mlogin: ');
  await turn();
  t.deepEqual(heard, ['first', 'second line']);
  t.deepEqual(console.lines(), [
    { atMs: 0, text: 'first' },
    { atMs: 0, text: 'second line' },
    { atMs: 2500, text: 'login:' },
  ]);
  stream.destroy();
  await console.closed;
  t.is(await readFile(file, 'utf8'), '[    0.000] first\n[    0.000] second line\n[    2.500] login:\n');
});

test('captureConsole() keeps the words of a menu drawn with cursor movements', async (t) => {
  const stream = new PassThrough();
  const console = captureConsole(stream, join(await temporaryFolder(t), 'console.log'), () => 0);
  stream.write(`+${'-'.repeat(76)}+\x1b[4;2H|||||||||| *Debian (ostree:0)${' '.repeat(70)}runs in 1s.\n`);
  await turn();
  t.deepEqual(
    console.lines().map((line) => line.text),
    ['  *Debian (ostree:0)  runs in 1s.'],
  );
  stream.destroy();
});

test('captureConsole() says at once when its file cannot be made', (t) => {
  t.throws(() => captureConsole(new PassThrough(), '/nowhere/console.log'), {
    code: 'console-file',
    message: /^the console cannot be written to \/nowhere\/console\.log: ENOENT/,
  });
});

test('captureConsole() goes on without its file when the disk is full, and says so', async (t) => {
  const stream = new PassThrough();
  const console = captureConsole(stream, '/dev/full', () => 0);
  stream.write('one\n');
  await turn();
  stream.write('two\n');
  stream.destroy();
  await console.closed;
  t.is(console.lines().length, 2);
  t.regex(console.writeFailure()!.message, /^the console cannot be written to \/dev\/full: ENOSPC/);
});
