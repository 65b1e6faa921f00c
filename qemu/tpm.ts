// The TPM of a machine: one swtpm process with a state of its own, which ends with the machine.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { baseEnvironment } from '../lib/base-environment.ts';
import { ToolError } from '../lib/errors.ts';
import type { WorkerTools } from '../lib/namespace.ts';
import { missingTool, quoteCommand } from '../lib/run.ts';
import { socketPath } from './socket-path.ts';

export interface Tpm {
  /** Control socket for QEMU. */
  readonly socket: string;
  /** Folder that holds what the TPM remembers. */
  readonly stateFolder: string;
  /** Ends swtpm and waits for it; it also ends by itself when QEMU or this process ends. */
  stop(): Promise<void>;
}

const startLimitMs = 10_000;

/** Arguments of swtpm(8); `--terminate`: it ends when QEMU disconnects. */
export function swtpmArgv(stateFolder: string, socket: string): string[] {
  return [
    'swtpm',
    'socket',
    '--tpm2',
    ...['--tpmstate', `dir=${stateFolder}`],
    ...['--ctrl', `type=unixio,path=${socket}`],
    '--terminate',
  ];
}

/**
 * Starts swtpm with a TPM 2.0 and waits until QEMU can connect.
 * @param folder work folder of the machine
 * @param earlierState state folder of a TPM that has ended, whose state this one takes over; null starts with an empty one
 * @throws UserError `tool-missing`, `path-long`; ToolError when swtpm ends at once; Cancelled.
 */
export async function startTpm(folder: string, earlierState: string | null, tools: WorkerTools): Promise<Tpm> {
  const socket = socketPath(folder, 'tpm.sock');
  const stateFolder = join(folder, 'tpm');
  await mkdir(stateFolder, { mode: 0o700 });
  if (earlierState !== null) await cp(earlierState, stateFolder, { recursive: true });
  const argv = ['setpriv', '--pdeathsig', 'KILL', ...swtpmArgv(stateFolder, socket)];
  tools.events.emit({ type: 'command', command: quoteCommand(argv) });
  const child = spawn(argv[0]!, argv.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: baseEnvironment(),
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  let ended = false;
  const exited = once(child, 'close').catch(() => {});
  void exited.then(() => {
    ended = true;
  });
  for (const deadline = performance.now() + startLimitMs; !existsSync(socket); await sleep(20)) {
    if (tools.signal.aborted) child.kill('SIGKILL');
    tools.signal.throwIfAborted();
    if (ended || performance.now() > deadline) {
      child.kill('SIGKILL');
      await exited;
      throw startFailure(argv, child.exitCode, complaint);
    }
  }
  return {
    socket,
    stateFolder,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function startFailure(argv: readonly string[], exitCode: number | null, complaint: string): Error {
  // setpriv(1) ends with 127 and this sentence when the program is not there.
  if (exitCode === 127 || /setpriv: failed to execute/.test(complaint)) return missingTool('swtpm');
  return new ToolError({
    message: 'swtpm did not start',
    command: quoteCommand(argv),
    exitCode,
    signal: null,
    output: complaint.trim(),
  });
}
