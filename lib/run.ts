// The one runner of other programs: argv arrays and never a shell, a fixed environment, every command printable so that it can be
// pasted and fails again, the whole output kept where asked, cancel and timeout always passed on.

import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { baseEnvironment } from './base-environment.ts';
import { lastLines, missingTool, quoteCommand } from './command-line.ts';
import { Cancelled, ToolError } from './errors.ts';
import type { Events } from './events.ts';

export { missingTool, quoteCommand };

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the fixed environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sent to stdin; without it stdin is /dev/null. */
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** stdout and stderr, as they come, are also written here. */
  readonly logFile?: string;
  /** Exit statuses that are results, not failures. Default: only 0. */
  readonly okExitCodes?: readonly number[];
  readonly events?: Events;
  /** Called with each line of stdout and stderr while the program runs. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const outputTailLines = 20;

/**
 * Runs a program to its end.
 * @throws ToolError when it fails, UserError `tool-missing` when it is not installed, Cancelled when the signal fires.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('run() needs a program');
  options.signal?.throwIfAborted();
  options.events?.emit({ type: 'command', command: quoteCommand(argv) });
  const { execa } = await loadRunner();
  const child = execa(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    env: { ...baseEnvironment(), ...options.env },
    extendEnv: false,
    killDescendants: true, // what a program started keeps its output open and would be waited for
    reject: false,
    all: true,
    stripFinalNewline: false,
    maxBuffer: 256 * 1024 * 1024,
  });
  const endLog = options.logFile === undefined ? undefined : keepLog(child.all, options.logFile);
  if (options.onLine !== undefined) void forEachLine(child.iterable({ from: 'all' }), options.onLine);
  const result = await child;
  const logFailure = await endLog?.();
  if (result.isCanceled) throw new Cancelled();
  if (result.code === 'ENOENT') throw missingTool(program);
  if (result.exitCode !== undefined && (options.okExitCodes ?? [0]).includes(result.exitCode)) {
    if (logFailure !== undefined) throw logFailure;
    return { stdout: result.stdout as string, stderr: result.stderr as string, exitCode: result.exitCode };
  }
  throw new ToolError({
    message: `${program} ${howItEnded(result.exitCode, result.signal, result.timedOut, options.timeoutMs, result.shortMessage)}`,
    command: quoteCommand(argv),
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    output: lastLines(String(result.all ?? ''), outputTailLines),
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
  });
}

/** Loads what starts programs, ahead of the first one: its many modules take a moment, and most commands start none. */
export function loadRunner(): Promise<typeof import('execa')> {
  return import('execa'); // MIT: ends programs with all that they started, by force if need be, and splits output; more than we should write ourselves
}

/** Copies the output to a file. The returned function waits for its last byte and gives what went wrong, if anything did. */
function keepLog(output: Readable, path: string): () => Promise<Error | undefined> {
  const log = output.pipe(createWriteStream(path));
  const written = finished(log).then(
    () => undefined,
    (error: Error) => {
      output.resume(); // a failed log stopped it, and the program would wait for a reader
      return error;
    },
  );
  return () => {
    log.end();
    return written;
  };
}

function howItEnded(
  exitCode: number | undefined,
  signal: string | undefined,
  timedOut: boolean,
  timeoutMs: number | undefined,
  shortMessage: string | undefined,
): string {
  if (timedOut) return `did not end within ${(timeoutMs ?? 0) / 1000} s`;
  if (signal !== undefined) return `was ended by ${signal}`;
  if (exitCode !== undefined) return `failed with exit status ${exitCode}`;
  return `could not be started: ${shortMessage ?? 'unknown reason'}`;
}

async function forEachLine(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
  try {
    for await (const line of lines) onLine(String(line));
  } catch {
    // The failure of the program is reported by run() itself.
  }
}
