// The serial console: captured line by line with the time since power-on, kept in memory and in a file.

import { createWriteStream } from 'node:fs';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { stripVTControlCharacters } from 'node:util';

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
  /** Resolves when the stream has ended and the file is written. */
  readonly closed: Promise<void>;
}

/** `[   12.345] text`: seconds since power-on, as the kernel writes its own times. */
export function formatConsoleLine(line: ConsoleLine): string {
  return `[${(line.atMs / 1000).toFixed(3).padStart(9)}] ${line.text}`;
}

/** Captures a console stream into `file`. The clock is `now` (milliseconds), counted from the call. */
export function captureConsole(stream: Duplex, file: string, now: () => number = () => performance.now()): Console {
  const startedAt = now();
  const lines: ConsoleLine[] = [];
  const listeners: ((line: ConsoleLine) => void)[] = [];
  const log = createWriteStream(file);
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
    closed: Promise.all([ended, finished(log)]).then(() => {}),
  };
}

// Firmware and boot loader draw menus with cursor movements and frames; what is kept are the words.
function cleanLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
    .replace(/[|+\-\ufffd]{8,}/g, ' ')
    .replace(/(?<=\S) {4,}/g, '  ')
    .trimEnd();
}
