// The serial console: captured line by line with the time since power-on, kept in memory and in a file.

import { createWriteStream, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../lib/errors.ts';

export interface ConsoleLine {
  /** Milliseconds since the capture began, at the first character of the line. */
  readonly atMs: number;
  /** Without control sequences and trailing white space. */
  readonly text: string;
}

export interface Console {
  /** All complete lines so far, and the unfinished one (a prompt) if it holds anything. */
  lines(): readonly ConsoleLine[];
  /** Called with each complete line. */
  onLine(listener: (line: ConsoleLine) => void): void;
  /** Resolves, never rejects, when the stream has ended and the file is written. */
  readonly closed: Promise<void>;
  /** Why lines are missing in the file, e.g. a full disk; null when none are. */
  writeFailure(): UserError | null;
}

/** `[   12.345] text`: seconds since power-on, as the kernel writes its own times. */
export function formatConsoleLine(line: ConsoleLine): string {
  return `[${(line.atMs / 1000).toFixed(3).padStart(9)}] ${line.text}`;
}

/**
 * Captures a console stream into `file`. The clock is `now` (milliseconds), counted from the call.
 * @throws UserError `console-file` when the file cannot be made
 */
export function captureConsole(stream: Duplex, file: string, now: () => number = () => performance.now()): Console {
  const startedAt = now();
  const lines: ConsoleLine[] = [];
  const listeners: ((line: ConsoleLine) => void)[] = [];
  const log = createWriteStream(file, { fd: openConsole(file) });
  let failure: UserError | null = null;
  log.on('error', (error) => {
    failure ??= unwritable(file, error);
  });
  let partial = '';
  let partialAtMs = 0;

  const complete = (text: string): void => {
    const line = { atMs: partialAtMs, text: cleanLine(text) };
    lines.push(line);
    log.write(`${formatConsoleLine(line)}\n`);
    for (const listener of listeners) listener(line);
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    for (const piece of chunk.split(/(?<=\n)/)) {
      if (partial === '') partialAtMs = now() - startedAt;
      partial += piece;
      if (!partial.endsWith('\n')) continue;
      complete(partial);
      partial = '';
    }
  });
  const ended = new Promise<void>((resolve) => {
    stream.on('close', () => {
      if (cleanLine(partial) !== '') complete(partial);
      partial = '';
      log.end();
      resolve();
    });
  });

  return {
    lines: () => {
      const text = cleanLine(partial);
      return text === '' ? lines : [...lines, { atMs: partialAtMs, text }];
    },
    onLine: (listener) => {
      listeners.push(listener);
    },
    closed: Promise.all([ended, finished(log).catch(() => {})]).then(() => {}),
    writeFailure: () => failure,
  };
}

function openConsole(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw unwritable(file, error as Error);
  }
}

function unwritable(file: string, cause: Error): UserError {
  return new UserError('console-file', `the console cannot be written to ${file}: ${cause.message}`, {
    hint: 'give a folder that can be written to and has space',
    cause,
  });
}

// Firmware and boot loader draw menus with cursor movements and frames; what is kept are the words.
function cleanLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
    .replace(/[|+\-\ufffd]{8,}/g, ' ')
    .replace(/(?<=\S) {4,}/g, '  ')
    .trimEnd();
}
