// Shared by the tests of the treefile language: files from an object, merged, with all problems in their printed form.

import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type FlatTreefile, flattenInto } from '../../../compose/treefile/flatten.ts';
import { mergedKeys } from '../../../compose/treefile/keys.ts';
import { type PrintedTreefile, printTreefile } from '../../../compose/treefile/print.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { formatDiagnostic, sortDiagnostics } from '../../../lib/diagnostics.ts';
import { tree } from '../../support/temporary.ts';

export interface ReadTree {
  readonly folder: string;
  readonly flat: FlatTreefile | undefined;
  /** The keys that somebody set, as they are printed. */
  readonly printed: PrintedTreefile;
  /** Printed problems, with paths relative to the folder. */
  readonly problems: string;
}

/** Merges the first of the files for x86_64 (or another architecture). */
export async function readTree(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  arch = 'x86_64',
): Promise<ReadTree> {
  const folder = await tree(t, files);
  const problems = new Problems();
  const flat = flattenInto(join(folder, Object.keys(files)[0]!), { arch }, problems);
  const text = sortDiagnostics(problems.diagnostics).map(formatDiagnostic).join('\n');
  return {
    folder,
    flat,
    printed: flat === undefined ? {} : printSet(flat),
    problems: text.replaceAll(`${folder}/`, ''),
  };
}

/** Without the keys that are printed although nobody set them. */
function printSet(flat: FlatTreefile): PrintedTreefile {
  const set = new Set(mergedKeys.filter((key) => flat.values.has(key)).map(({ name }) => name));
  return Object.fromEntries(Object.entries(printTreefile(flat)).filter(([name]) => set.has(name)));
}

/** What somebody set in the merged treefile of files that have no problems at all. */
export async function merged(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  arch?: string,
): Promise<PrintedTreefile> {
  const { printed, problems } = await readTree(t, files, arch);
  t.is(problems, '');
  return printed;
}
