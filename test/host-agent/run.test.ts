import test from 'ava';
import { run } from '../../host-agent/run.ts';

test('run() gives stdout and passes on each line of both streams', async (t) => {
  const lines: string[] = [];
  const stdout = await run(['sh', '-c', 'printf "one\\ntwo"; echo three >&2'], { onLine: (line) => lines.push(line) });
  t.is(stdout, 'one\ntwo');
  t.deepEqual(lines.sort(), ['one', 'three', 'two']);
});

test('run() fails with the command, its status and its last output', async (t) => {
  const error = await t.throwsAsync(run(['sh', '-c', 'echo why >&2; exit 3']));
  t.like(error, { name: 'ToolError', message: 'sh failed with exit status 3', output: 'why', exitCode: 3 });
});

test('run() says which package brings a missing program', async (t) => {
  const error = await t.throwsAsync(run(['no-such-program']), { code: 'tool-missing' });
  t.is(error?.message, 'no-such-program is not installed');
});

test('run() ends the program when it is cancelled', async (t) => {
  const controller = new AbortController();
  const running = run(['sleep', '600'], { signal: controller.signal });
  controller.abort();
  t.is((await t.throwsAsync(running))?.name, 'Cancelled');
});

test('run() ends what a script started, together with it, and does not wait for it', async (t) => {
  const error = await t.throwsAsync(run(['sh', '-c', 'sleep 600; true'], { timeoutMs: 300 }));
  t.is(error?.message, 'sh did not end within 0.3 s');
});

test('run() ends a program by force that does not listen', async (t) => {
  const error = await t.throwsAsync(run(['sh', '-c', 'trap "" TERM; sleep 600; true'], { timeoutMs: 300 }));
  t.is(error?.message, 'sh did not end within 0.3 s');
});

test('run() ends a program that takes too long', async (t) => {
  const error = await t.throwsAsync(run(['sleep', '600'], { timeoutMs: 100 }));
  t.is(error?.message, 'sleep did not end within 0.1 s');
});
