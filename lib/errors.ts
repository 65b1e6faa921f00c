// The three kinds of error. A user's error is a sentence with a hint; a tool's error carries its command so that it can be
// pasted and fails again; everything else is a bug of ours and keeps its stack. Only cli/main.ts catches them.

/** Something that the user can mend: printed as one sentence and a hint, exit status 1, no stack. */
export class UserError extends Error {
  /** Stable word for scripts and tests, e.g. `package-not-found`. */
  readonly code: string;
  /** What to do about it, as a sentence without a full stop; empty when the message says it all. */
  readonly hint: string;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'UserError';
    this.code = code;
    this.hint = options.hint ?? '';
  }
}

/** A program that we started failed: command, status, last output and the file with the whole output. */
export class ToolError extends Error {
  readonly command: string;
  /** Exit status, or null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Last lines of stdout and stderr together. */
  readonly output: string;
  /** File with the whole output, when one was kept. */
  readonly logFile: string | undefined;

  constructor(details: {
    message: string;
    command: string;
    exitCode: number | null;
    signal: string | null;
    output: string;
    logFile?: string;
  }) {
    super(details.message);
    this.name = 'ToolError';
    this.command = details.command;
    this.exitCode = details.exitCode;
    this.signal = details.signal;
    this.output = details.output;
    this.logFile = details.logFile;
  }
}

/** The work was stopped by a signal or by the caller: no message is due beyond one word. */
export class Cancelled extends Error {
  constructor(message = 'cancelled') {
    super(message);
    this.name = 'Cancelled';
  }
}
