// `slipway treefile lint`: everything that is wrong with a treefile and its includes, and everything that smells.

import type { Diagnostic } from '../../lib/diagnostics.ts';
import { sortDiagnostics } from '../../lib/diagnostics.ts';
import { finishTreefile } from './finish.ts';
import { type FlatTreefile, type FlattenOptions, flattenInto } from './flatten.ts';
import { lintArchitectures } from './lint/architectures.ts';
import { lintKeys } from './lint/keys.ts';
import { lintPackages } from './lint/packages.ts';
import { lintRepositories } from './lint/repositories.ts';
import { lintScripts } from './lint/scripts.ts';
import { lintVariables } from './lint/variables.ts';
import { warnNotYetActedOn } from './not-yet-acted-on.ts';
import { Problems } from './problems.ts';

const rules: readonly ((flat: FlatTreefile, problems: Problems) => void | Promise<void>)[] = [
  lintKeys,
  lintPackages,
  lintArchitectures,
  lintVariables,
  lintScripts,
  lintRepositories,
];

/** All problems, sorted; empty for a treefile that is beyond reproach. Never throws for what is written in files. */
export async function lintTreefile(file: string, options: FlattenOptions = {}): Promise<Diagnostic[]> {
  const problems = new Problems();
  const flat = flattenInto(file, options, problems);
  if (flat !== undefined) {
    await finishTreefile(flat, problems);
    warnNotYetActedOn(flat.values, problems);
    for (const rule of rules) await rule(flat, problems);
  }
  return sortDiagnostics(problems.diagnostics);
}
