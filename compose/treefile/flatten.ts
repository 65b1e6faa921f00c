// Reads a treefile with all its includes, substitutes and checks what can be checked without the disk: -> FlatTreefile, which the
// commands look at and from which finish.ts makes the document.

import { resolve } from 'node:path';
import type { Diagnostic } from '../../lib/diagnostics.ts';
import { checkArchitecture, checkValues } from './check-values.ts';
import { followIncludes, type IncludedFiles } from './include.ts';
import { releasever } from './keys/identity.ts';
import { Problems } from './problems.ts';
import { substituteAll } from './substitute.ts';

export interface FlatTreefile extends IncludedFiles {
  /** Absolute path of the first file. */
  readonly file: string;
  readonly basearch: string;
}

export interface FlattenOptions {
  /** RPM base architecture of the build; default that of this machine. */
  readonly arch?: string;
}

/** Flattens and reports into `problems`; undefined when the first file cannot be read. */
export function flattenInto(
  file: string,
  { arch = buildArchitecture() }: FlattenOptions,
  problems: Problems,
): FlatTreefile | undefined {
  const included = followIncludes(file, arch, problems);
  if (included === undefined) return undefined;
  const { values } = included;
  const variables = new Map(included.variables);
  const release = values.scalar(releasever);
  if (release !== undefined) variables.set(releasever.name, release);
  substituteAll(values, variables, problems);
  for (const layer of included.layers) checkArchitecture(layer.values, arch, problems);
  checkValues(values, problems);
  return { ...included, variables, file: resolve(file), basearch: arch };
}

/**
 * @throws DiagnosticsError with everything that is wrong in all files.
 * @returns the treefile and the warnings and notes.
 */
export function flattenTreefile(
  file: string,
  options: FlattenOptions = {},
): { flat: FlatTreefile; warnings: readonly Diagnostic[] } {
  const problems = new Problems();
  const flat = flattenInto(file, options, problems);
  problems.throwIfErrors();
  return { flat: flat!, warnings: problems.diagnostics };
}

/** This machine's RPM base architecture. */
export function buildArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ppc64: 'ppc64le', ia32: 'i386' };
  return names[process.arch] ?? process.arch;
}
