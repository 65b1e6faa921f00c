// Starts machines in a process of their own, as a user's command does.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { MachineOptions } from '../../../qemu/machine-run.ts';
import type { HarnessWork } from './start-and-wait.ts';

const script = fileURLToPath(new URL('./start-and-wait.ts', import.meta.url));

export interface Harness {
  readonly process: ChildProcess;
  readonly qemuPid: number;
}

/** Resolves when the machine runs; the process, and so QEMU, ends with the test. @param cache its cache folder */
export async function startHarness(
  t: ExecutionContext,
  options: MachineOptions,
  cache: string,
  work: HarnessWork = 'run',
): Promise<Harness> {
  const harness = spawn(process.execPath, [script, work, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SLIPWAY_CACHE: cache },
  });
  t.teardown(() => harness.kill('SIGKILL'));
  const [pid] = (await once(harness.stdout.setEncoding('utf8'), 'data')) as [string];
  return { process: harness, qemuPid: Number(pid) };
}
