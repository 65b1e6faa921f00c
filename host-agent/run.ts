// The agent's runner of other programs, on node:child_process alone: argv arrays, a fixed environment, the last output kept for the
// error message, cancel and timeout passed on to the program and to all that it started.

import { spawn } from 'node:child_process';
import { baseEnvironment } from '../lib/base-environment.ts';
import { lastLines, missingTool, quoteCommand } from '../lib/command-line.ts';
import { Cancelled, ToolError } from '../lib/errors.ts';

export interface HostRunOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Called with each line of stdout and stderr while the program runs. */
  readonly onLine?: (line: string) => void;
}

const outputTailLines = 20;
const forceAfterMs = 5000;

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
    detached: true, // a process group of its own: a script's children keep its output open and would be waited for
  });
  const ending = groupEnding(child.pid);
  let timedOut = false;
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          ending.begin();
        }, options.timeoutMs);
  options.signal?.addEventListener('abort', ending.begin, { once: true });
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
  try {
    return await new Promise<string>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ENOENT' ? missingTool(program) : error);
      });
      child.on('close', (exitCode, signal) => {
        if (options.signal?.aborted) return reject(new Cancelled());
        if (exitCode === 0 && !timedOut) return resolve(stdout);
        const how = timedOut
          ? `did not end within ${options.timeoutMs! / 1000} s`
          : exitCode === null
            ? `was ended by ${signal}`
            : `failed with exit status ${exitCode}`;
        const output = lastLines(all, outputTailLines);
        reject(new ToolError({ message: `${program} ${how}`, command: quoteCommand(argv), exitCode, signal, output }));
      });
    });
  } finally {
    clearTimeout(timer);
    ending.over();
    options.signal?.removeEventListener('abort', ending.begin);
  }
}

/** Ends a process group: asks first, and by force when it has not ended after a while. */
function groupEnding(group: number | undefined): { begin: () => void; over: () => void } {
  let force: NodeJS.Timeout | undefined;
  const send = (signal: NodeJS.Signals): void => {
    if (group === undefined) return; // it was not started
    try {
      process.kill(-group, signal);
    } catch {
      // it has ended by itself
    }
  };
  return {
    begin() {
      send('SIGTERM');
      force ??= setTimeout(() => send('SIGKILL'), forceAfterMs);
    },
    over: () => clearTimeout(force),
  };
}

function lineCutter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') onLine(line);
  };
}
