// The agent's runner of other programs, on node:child_process alone: argv arrays, a fixed environment, the last output kept for the
// error message, cancel and timeout passed on to the program.

import { spawn } from 'node:child_process';
import { baseEnvironment, lastLines, missingTool, quoteCommand } from '../lib/command-line.ts';
import { Cancelled, ToolError } from '../lib/errors.ts';

export interface HostRunOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Called with each line of stdout and stderr while the program runs. */
  readonly onLine?: (line: string) => void;
}

const outputTailLines = 20;

/**
 * Runs a program to its end and gives its stdout.
 * @throws ToolError when it fails, UserError `tool-missing` when it is not installed, Cancelled when the signal fires.
 */
export async function run(argv: readonly string[], options: HostRunOptions = {}): Promise<string> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('run() needs a program');
  options.signal?.throwIfAborted();
  const child = spawn(program, args, {
    env: baseEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
    timeout: options.timeoutMs,
  });
  let stdout = '';
  let all = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    const cutLines = lineCutter(options.onLine ?? (() => {}));
    stream.on('data', (chunk: string) => {
      if (stream === child.stdout) stdout += chunk;
      all += chunk;
      cutLines(chunk);
    });
    stream.on('end', () => cutLines('\n'));
  }
  return await new Promise<string>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (options.signal?.aborted) reject(new Cancelled());
      else if (error.code === 'ENOENT') reject(missingTool(program));
      else reject(error);
    });
    child.on('close', (exitCode, signal) => {
      if (exitCode === 0) return resolve(stdout);
      const how = exitCode === null ? `was ended by ${signal}` : `failed with exit status ${exitCode}`;
      const output = lastLines(all, outputTailLines);
      reject(new ToolError({ message: `${program} ${how}`, command: quoteCommand(argv), exitCode, signal, output }));
    });
  });
}

function lineCutter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') onLine(line);
  };
}
