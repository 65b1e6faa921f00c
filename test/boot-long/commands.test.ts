// What people do with a machine from their terminals: `slipway qemu run --ssh` on one of its own, and the other commands beside it.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { quoteCommand } from '../../lib/run.ts';
import { bootTimeoutMs, tools } from '../boot/support/machine.ts';
import { sampleHost } from '../support/sample-host.ts';
import { slipway } from '../support/slipway.ts';
import { temporaryFolder } from '../support/temporary.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

interface TypedCommand {
  type(text: string): void;
  /** Waits until the terminal shows it, in what came since the last call. */
  shows(words: RegExp): Promise<void>;
  /** The exit status, when it has ended. */
  readonly ended: Promise<number | null>;
}

/** Runs `slipway …args` on a terminal of its own; it ends with the test. */
function onTerminal(t: ExecutionContext, args: readonly string[], env: Record<string, string>): TypedCommand {
  const command = quoteCommand([process.execPath, program, ...args]);
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    'script',
    ['--quiet', '--return', '--flush', '--command', `stty rows 33 cols 99; exec ${command}`, '/dev/null'],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env, TERM: 'vt100' } },
  );
  t.teardown(() => child.kill('SIGTERM'));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  return {
    type: (text) => void child.stdin.write(text),
    shows: async (words) => {
      for (const deadline = performance.now() + bootTimeoutMs; performance.now() < deadline; await sleep(50)) {
        const found = words.exec(stripVTControlCharacters(shown));
        if (found === null) continue;
        shown = stripVTControlCharacters(shown).slice(found.index + found[0].length);
        return;
      }
      throw new Error(`${words} was not shown, but:\n${shown}`);
    },
    ended: once(child, 'close').then(([exitCode]) => exitCode as number | null),
  };
}

test('people get a shell in a machine, commands beside it reach it, and nothing is left', async (t) => {
  t.timeout(bootTimeoutMs * 2);
  const { image } = await sampleHost(tools);
  const cache = join(await temporaryFolder(t), 'cache');
  const env = { SLIPWAY_CACHE: cache };
  const shell = onTerminal(t, ['qemu', 'run', image, '--ssh'], env);
  await shell.shows(/# $/);
  shell.type('stty size; echo "said $((40 + 2))"\r');
  await shell.shows(/33 99\s+said 42/);

  const name = /^(\w+) /.exec((await slipway(['qemu', 'list'], { env })).stdout)![1]!;
  const state = ['systemctl', 'is-system-running', '--wait'];
  const one = await slipway(['qemu', 'ssh', name, '--', ...state], { env });
  t.deepEqual(one, { stdout: 'running\n', stderr: '', exitCode: 0 });
  // Without a name: the only machine.
  const failed = await slipway(['qemu', 'ssh', '--', 'sh', '-c', 'echo bad >&2; exit 7'], { env });
  t.is(failed.exitCode, 7);
  t.regex(`${failed.stdout}${failed.stderr}`, /^bad$/m);

  const second = onTerminal(t, ['qemu', 'ssh', name], env);
  await second.shows(/# $/);
  second.type('exit 0\r');
  t.is(await second.ended, 0);
  const console = onTerminal(t, ['qemu', 'console', name], env);
  await console.shows(/Linux version .*ttyS0$/ms);

  shell.type('exit 0\r');
  t.is(await shell.ended, 0);
  t.is(await console.ended, 0);
  t.is((await slipway(['qemu', 'list'], { env })).stdout, 'no machine runs\n');
  t.deepEqual(await readdir(join(cache, 'machines')), []);
});
