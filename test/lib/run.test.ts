import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { baseEnvironment } from '../../lib/base-environment.ts';
import { missingTool, quoteCommand } from '../../lib/command-line.ts';
import { Cancelled, ToolError, UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { toolFor } from '../../lib/tools.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('run() gives stdout, stderr and the exit status as they are', async (t) => {
  const result = await run(['sh', '-c', 'echo out; echo err >&2']);
  t.deepEqual(result, { stdout: 'out\n', stderr: 'err\n', exitCode: 0 });
});

test('run() sends input, and without it stdin is empty', async (t) => {
  t.is((await run(['cat'], { input: 'hello' })).stdout, 'hello');
  t.is((await run(['cat'])).stdout, '');
});

test('run() runs in the given folder with a fixed environment and what is added to it', async (t) => {
  const folder = await temporaryFolder(t);
  process.env.SLIPWAY_TEST_SECRET = 'not for children';
  t.teardown(() => {
    delete process.env.SLIPWAY_TEST_SECRET;
  });
  const { stdout } = await run(['sh', '-c', 'pwd; echo "$LC_ALL $TZ $ADDED [$SLIPWAY_TEST_SECRET]"'], {
    cwd: folder,
    env: { ADDED: 'yes' },
  });
  t.is(stdout, `${folder}\nC.UTF-8 UTC yes []\n`);
});

test('run() throws a ToolError with the command, the status, the last lines and the log', async (t) => {
  const logFile = join(await temporaryFolder(t), 'whole.log');
  const argv = ['sh', '-c', 'seq 1 30; echo "it broke" >&2; exit 3'];
  const error = (await t.throwsAsync(run(argv, { logFile }), { instanceOf: ToolError })) as ToolError;
  t.is(error.message, 'sh failed with exit status 3');
  t.is(error.command, `sh -c 'seq 1 30; echo "it broke" >&2; exit 3'`);
  t.is(error.exitCode, 3);
  t.is(error.output.split('\n').length, 20);
  t.true(error.output.endsWith('30\nit broke'));
  t.is(error.logFile, logFile);
  t.true((await readFile(logFile, 'utf8')).startsWith('1\n2\n'));
});

test('run() has written the whole log when it returns', async (t) => {
  const logFile = join(await temporaryFolder(t), 'whole.log');
  const { stdout } = await run(['seq', '1', '200000'], { logFile });
  t.is(await readFile(logFile, 'utf8'), stdout);
});

test('run() fails when the log cannot be written, after the program has ended', async (t) => {
  const logFile = join(await temporaryFolder(t), 'no-such-folder', 'whole.log');
  await t.throwsAsync(run(['echo', 'hello'], { logFile }), { code: 'ENOENT' });
  await t.throwsAsync(run(['false'], { logFile }), {
    instanceOf: ToolError,
    message: 'false failed with exit status 1',
  });
});

test('run() takes other exit statuses as results when they are named', async (t) => {
  t.is((await run(['sh', '-c', 'exit 1'], { okExitCodes: [0, 1] })).exitCode, 1);
});

test('run() tells a signal from a status', async (t) => {
  const error = (await t.throwsAsync(run(['sh', '-c', 'kill -KILL $$']), { instanceOf: ToolError })) as ToolError;
  t.is(error.message, 'sh was ended by SIGKILL');
  t.is(error.exitCode, null);
  t.is(error.signal, 'SIGKILL');
});

test('run() says what a missing program is for and which package brings it', async (t) => {
  const error = (await t.throwsAsync(run(['no-such-program-here']), { instanceOf: UserError })) as UserError;
  t.is(error.code, 'tool-missing');
  t.is(error.message, 'no-such-program-here is not installed');
  const known = missingTool('/usr/bin/qemu-img');
  const { purpose, debian, fedora } = toolFor('qemu-img')!;
  t.is(known.message, `/usr/bin/qemu-img is not installed; it is needed to ${purpose}`);
  t.is(known.hint, `install the package ${debian} (Debian) or ${fedora} (Fedora)`);
});

test('run() ends the program and throws Cancelled when the signal fires', async (t) => {
  const controller = new AbortController();
  const running = run(['sleep', '60'], { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  const startedAt = performance.now();
  await t.throwsAsync(running, { instanceOf: Cancelled });
  t.true(performance.now() - startedAt < 10_000);
});

test('run() starts nothing when the signal has fired before', async (t) => {
  await t.throwsAsync(run(['sleep', '60'], { signal: AbortSignal.abort(new Cancelled()) }), { instanceOf: Cancelled });
});

test('run() ends a program that takes too long and says so', async (t) => {
  const error = await t.throwsAsync(run(['sleep', '60'], { timeoutMs: 100 }), { instanceOf: ToolError });
  t.is(error?.message, 'sleep did not end within 0.1 s');
});

test('run() ends what a program started, together with it, and does not wait for it', async (t) => {
  const error = await t.throwsAsync(run(['sh', '-c', 'sleep 600; true'], { timeoutMs: 300 }), {
    instanceOf: ToolError,
  });
  t.is(error?.message, 'sh did not end within 0.3 s');
});

test('run() reports the command as an event and each line as it comes', async (t) => {
  const events = new Events();
  const commands: string[] = [];
  events.listen((event) => {
    if (event.type === 'command') commands.push(event.command);
  });
  const lines: string[] = [];
  await run(['sh', '-c', 'echo one; echo two >&2'], { events, onLine: (line) => lines.push(line) });
  t.deepEqual(commands, [`sh -c 'echo one; echo two >&2'`]);
  t.deepEqual(lines.sort(), ['one', 'two']);
});

const quoted: readonly (readonly [argv: readonly string[], text: string])[] = [
  [['ostree', '--repo=/a/b', 'x@y+z:1,2%'], 'ostree --repo=/a/b x@y+z:1,2%'],
  [['echo', 'two words', '', '$HOME'], "echo 'two words' '' '$HOME'"],
  [['echo', "it's"], "echo 'it'\\''s'"],
];

for (const [argv, text] of quoted) {
  test(`quoteCommand() writes ${text}`, async (t) => {
    t.is(quoteCommand(argv), text);
    const { stdout } = await run(['sh', '-c', `printf '%s\\n' ${quoteCommand(argv)}`]);
    t.is(stdout, `${argv.join('\n')}\n`);
  });
}

test('baseEnvironment() finds programs in sbin also for ordinary users', (t) => {
  t.true(baseEnvironment().PATH?.split(':').includes('/usr/sbin'));
});

test.serial('baseEnvironment() keeps the proxies of the caller in both spellings', (t) => {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  const before = names.map((name) => [name, process.env[name]] as const);
  t.teardown(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  for (const name of names) process.env[name] = `http://${name}.example:3128`;
  const environment = baseEnvironment();
  for (const name of names) t.is(environment[name], `http://${name}.example:3128`);
});
