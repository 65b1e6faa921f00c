import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { processStartTime } from '../../lib/process-start-time.ts';

test('processStartTime() gives null for a process that has ended, also when nobody asked for its status', async (t) => {
  t.regex(processStartTime(process.pid) ?? '', /^\d+$/);
  t.is(processStartTime(2 ** 22 + 1), null); // more than a pid can be
  // The shell becomes a program that never asks.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  t.regex(processStartTime(pid) ?? '', /^\d+$/);
  process.kill(pid, 'SIGKILL');
  while (processStartTime(pid) !== null) await setTimeout(10);
  t.true(existsSync(`/proc/${pid}`));
});
