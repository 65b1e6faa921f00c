// Runs the real program as a user does, in a process of its own.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** `slipway ...args`, never from a terminal; any exit status is a result. `while` sees the process as it runs. */
export async function slipway(
  args: readonly string[],
  options: {
    cwd?: string;
    env?: Record<string, string>;
    while?: (signal: (name: NodeJS.Signals) => void) => unknown;
  } = {},
): Promise<ProgramResult> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  options.while?.((name) => child.kill(name));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { ...output, exitCode };
}
