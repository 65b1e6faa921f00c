// Problems found in people's files, as data: collected, sorted and printed all at once, each with its place, the line and a caret.

import { UserError } from './errors.ts';
import type { Events } from './events.ts';
import { textWidth } from './text-width.ts';

export type Severity = 'error' | 'warning' | 'note';

/** A place in a text file. Lines and columns start at 1; columns count UTF-16 code units as editors do. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Column after the last marked character, on the same line. */
  readonly endColumn?: number;
}

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable word for scripts and tests, e.g. `unknown-key`. */
  readonly code: string;
  /** One sentence without a full stop. */
  readonly message: string;
  /** Absent only when the problem belongs to no file. */
  readonly position?: SourcePosition;
  /** The text of the line at `position`. */
  readonly sourceLine?: string;
  /** What to do; printed behind the caret. */
  readonly hint?: string;
}

/** Problems in the user's files: thrown once with everything that was found. */
export class DiagnosticsError extends UserError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const sorted = sortDiagnostics(diagnostics);
    super('diagnostics', sorted.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n'));
    this.name = 'DiagnosticsError';
    this.diagnostics = sorted;
  }
}

/** By file, line, column, then severity (errors first); problems without a place come last. Equal ones are kept once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const rank: Record<Severity, number> = { error: 0, warning: 1, note: 2 };
  const compare = (a: Diagnostic, b: Diagnostic): number =>
    compareText(a.position?.file ?? '\u{10ffff}', b.position?.file ?? '\u{10ffff}') ||
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0) ||
    rank[a.severity] - rank[b.severity] ||
    compareText(a.message, b.message);
  const sorted = [...diagnostics].sort(compare);
  return sorted.filter((diagnostic, index) => {
    const previous = sorted[index - 1];
    return previous === undefined || previous.code !== diagnostic.code || compare(previous, diagnostic) !== 0;
  });
}

/**
 * The printed form:
 *
 *     error[unknown-key]: no such key "pakages"
 *       --> treefiles/base.yaml:14:1
 *     14 | pakages:
 *        | ^^^^^^^ did you mean "packages"?
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const head = `${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`;
  const { position, sourceLine, hint } = diagnostic;
  if (position === undefined) return hint === undefined ? head : `${head}\n  hint: ${hint}`;
  const place = `  --> ${position.file}:${position.line}:${position.column}`;
  if (sourceLine === undefined) return [head, place, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join('\n');
  const gutter = ' '.repeat(String(position.line).length);
  // Tabs are kept before the caret so that it stands under its word at any tab width.
  const before = sourceLine.slice(0, position.column - 1).split('\t');
  const indent = before.map((text) => ' '.repeat(textWidth(text))).join('\t');
  const marked = sourceLine.slice(position.column - 1, (position.endColumn ?? position.column + 1) - 1);
  const carets = '^'.repeat(Math.max(1, textWidth(marked)));
  return [
    head,
    place,
    `${position.line} | ${sourceLine}`,
    `${gutter} | ${indent}${carets}${hint === undefined ? '' : ` ${hint}`}`,
  ].join('\n');
}

/** Emits warnings with their places; notes are for `treefile lint` only. */
export function emitWarnings(diagnostics: readonly Diagnostic[], events: Events): void {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'warning') continue;
    // The view says "warning:" itself.
    events.warning(formatDiagnostic(diagnostic).replace(/^warning\[[\w-]+\]: /, ''));
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
