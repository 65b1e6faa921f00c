// Errors as data, for the border between processes and for reports.

import { DiagnosticsError } from './diagnostics.ts';
import { wordsOf } from './disk-full.ts';
import { Cancelled, ToolError, UserError } from './errors.ts';
import { explainFileSystemError } from './file-system-error.ts';

export type SerializedError =
  | { readonly kind: 'user'; readonly code: string; readonly message: string; readonly hint: string }
  | { readonly kind: 'diagnostics'; readonly diagnostics: DiagnosticsError['diagnostics'] }
  | ({ readonly kind: 'tool' } & ConstructorParameters<typeof ToolError>[0])
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string };

/** Errors cross the process border as data and keep their class. */
export function serializeError(thrown: unknown): SerializedError {
  const error = explainFileSystemError(thrown) ?? thrown;
  if (error instanceof DiagnosticsError) return { kind: 'diagnostics', diagnostics: error.diagnostics };
  if (error instanceof UserError) return { kind: 'user', code: error.code, message: error.message, hint: error.hint };
  if (error instanceof ToolError) {
    const { message, command, exitCode, signal, output, logFile } = error;
    return { kind: 'tool', message, command, exitCode, signal, output, ...(logFile === undefined ? {} : { logFile }) };
  }
  if (error instanceof Cancelled || (error as Error | null)?.name === 'AbortError') return { kind: 'cancelled' };
  const bug = error instanceof Error ? error : new Error(String(error));
  return { kind: 'bug', message: wordsOf(bug), stack: bug.stack ?? '' };
}

export function deserializeError(error: SerializedError): Error {
  switch (error.kind) {
    case 'diagnostics':
      return new DiagnosticsError(error.diagnostics);
    case 'user':
      return new UserError(error.code, error.message, { hint: error.hint });
    case 'tool':
      return new ToolError(error);
    case 'cancelled':
      return new Cancelled();
    case 'bug': {
      const bug = new Error(error.message);
      bug.stack = error.stack;
      return bug;
    }
  }
}
