// Errors as people and programs see them: one data form, printed as text on stderr or (--json) as a document on stdout.

import { styleText } from 'node:util';
import { formatDiagnostic } from '../lib/diagnostics.ts';
import { Cancelled, ToolError, UserError } from '../lib/errors.ts';
import { explainFileSystemError } from '../lib/file-system-error.ts';
import { type SerializedError, serializeError } from '../lib/serialized-error.ts';
import { printable } from './printable.ts';
import { exitCodes } from './run-command.ts';

export interface ReportOptions {
  readonly json: boolean;
  readonly debug: boolean;
  readonly color: boolean;
}

/** Prints the error and gives the exit status for it. */
export function reportError(error: unknown, options: ReportOptions): number {
  const exitCode = exitCodeOf(error);
  const report = serializeError(error);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ kind: 'error', version: 1, exitCode, error: report }, null, 2)}\n`);
  } else {
    process.stderr.write(`${formatError(report, options)}\n`);
    if (options.debug && report.kind !== 'bug' && error instanceof Error) process.stderr.write(`\n${error.stack}\n`);
  }
  return exitCode;
}

export function exitCodeOf(thrown: unknown): number {
  const error = explainFileSystemError(thrown) ?? thrown;
  if (error instanceof UserError) return error.code === 'usage' ? exitCodes.usage : exitCodes.failed;
  if (error instanceof ToolError) return exitCodes.failed;
  if (error instanceof Cancelled || (error as Error | null)?.name === 'AbortError') return exitCodes.cancelled;
  return exitCodes.bug;
}

/** The text for a person, without a final newline. */
export function formatError(report: SerializedError, options: Pick<ReportOptions, 'color'>): string {
  const paint = (style: 'red' | 'cyan' | 'dim', text: string): string =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const error = paint('red', 'error:');
  const hint = paint('cyan', 'hint:');
  switch (report.kind) {
    case 'user':
      return `${error} ${printable(report.message)}${report.hint === '' ? '' : `\n${hint} ${printable(report.hint)}`}`;
    case 'diagnostics':
      return report.diagnostics.map((diagnostic) => printable(formatDiagnostic(diagnostic))).join('\n\n');
    case 'tool': {
      const output =
        report.output.trim() === ''
          ? []
          : printable(report.output)
              .split('\n')
              .map((line) => `  ${line}`);
      const log = report.logFile === undefined ? [] : [`the whole output is in ${report.logFile}`];
      const command = paint('dim', `+ ${printable(report.command)}`);
      return [`${error} ${printable(report.message)}`, ...output, command, ...log].join('\n');
    }
    case 'cancelled':
      return 'cancelled';
    case 'bug':
      return [
        `${error} Slipway has a bug: ${printable(report.message)}`,
        printable(report.stack),
        `${hint} please report this with the text above, the command line and the output of \`slipway doctor\``,
      ].join('\n');
  }
}
