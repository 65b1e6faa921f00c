// Collects problems while files are read, so that one run reports them all. Each points at characters of a file.

import { type Diagnostic, DiagnosticsError, type Severity } from '../../lib/diagnostics.ts';
import type { Span } from './source/source-file.ts';

export class Problems {
  readonly diagnostics: Diagnostic[];
  readonly #subject: string;

  constructor(diagnostics: Diagnostic[] = [], subject = 'the value') {
    this.diagnostics = diagnostics;
    this.#subject = subject;
  }

  /** The same collection, for problems with the value of a key. */
  about(key: string): Problems {
    return new Problems(this.diagnostics, `"${key}"`);
  }

  /** The same collection, for problems with something that is not the value of a key; `subject` fits before "must be". */
  on(subject: string): Problems {
    return new Problems(this.diagnostics, subject);
  }

  /** The same collection, for problems with the items of the value. */
  aboutItems(): Problems {
    const prefix = 'each item of ';
    return this.#subject.startsWith(prefix) ? this : new Problems(this.diagnostics, `${prefix}${this.#subject}`);
  }

  /** A value of the wrong type or form; `expected` fits behind "must be". */
  mustBe(expected: string, at: Span, hint?: string): void {
    this.#add('error', 'wrong-type', `${this.#subject} must be ${expected}`, at, hint);
  }

  error(code: string, message: string, at?: Span, hint?: string): void {
    this.#add('error', code, message, at, hint);
  }

  warning(code: string, message: string, at?: Span, hint?: string): void {
    this.#add('warning', code, message, at, hint);
  }

  note(code: string, message: string, at?: Span, hint?: string): void {
    this.#add('note', code, message, at, hint);
  }

  get hasErrors(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  }

  /** @throws DiagnosticsError with everything found, when an error is among it. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new DiagnosticsError(this.diagnostics);
  }

  #add(severity: Severity, code: string, message: string, at: Span | undefined, hint: string | undefined): void {
    this.diagnostics.push({
      severity,
      code,
      message: at?.origin === undefined ? message : `${message} (${at.origin})`,
      ...(at === undefined ? {} : at.source.locate(at.start, at.end)),
      ...(hint === undefined || hint === '' ? {} : { hint }),
    });
  }
}

/** `did you mean "a" or "b"?`, or undefined when nothing is near. */
export function didYouMean(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return `did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`;
}
