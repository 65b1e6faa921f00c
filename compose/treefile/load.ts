// The treefile of a compose: file name -> Treefile, the second document of the chain.

import type { Diagnostic } from '../../lib/diagnostics.ts';
import { finishTreefile } from './finish.ts';
import { type FlattenOptions, flattenInto } from './flatten.ts';
import { warnNotYetActedOn } from './not-yet-acted-on.ts';
import { Problems } from './problems.ts';
import { type RequestPlaces, requestPlaces } from './request-places.ts';
import type { Treefile } from './treefile.ts';

/**
 * Reads a treefile and all that it includes, merges, substitutes and checks.
 * @param file Path of the treefile, relative to the current folder or absolute; messages name it as given.
 * @throws DiagnosticsError with all problems of all files.
 */
export async function loadTreefile(
  file: string,
  options: FlattenOptions = {},
): Promise<{
  treefile: Treefile;
  warnings: readonly Diagnostic[];
  /** Where packages are asked for and repositories named. */
  places: RequestPlaces;
}> {
  const problems = new Problems();
  const flat = flattenInto(file, options, problems);
  if (flat === undefined) {
    problems.throwIfErrors();
    throw new TypeError('a treefile that cannot be read has no error');
  }
  const treefile = await finishTreefile(flat, problems);
  warnNotYetActedOn(flat.values, problems);
  problems.throwIfErrors();
  return { treefile, warnings: problems.diagnostics, places: requestPlaces(flat) };
}
