// A path in the tree -> the lines that add it, remove it, or ask for the package that has it.

import { matchesGlob } from 'node:path';
import type { FlatTreefile } from '../flatten.ts';
import { addFiles, removeFiles, removeFromPackages } from '../keys/files.ts';
import { packages } from '../keys/packages.ts';
import { treePath } from '../tree-path.ts';
import type { Explanation } from './explanation.ts';
import { explainKey } from './key.ts';

/** Lines about a folder are about all that is in it. */
export function explainPath(flat: FlatTreefile, path: string): Explanation[] {
  const wanted = treePath(path);
  const covers = (written: string): boolean =>
    wanted === treePath(written) || wanted.startsWith(`${treePath(written)}/`);
  const linesOf = <T>(key: { readonly name: string }, isMeant: (value: T) => boolean): Explanation[] =>
    explainKey(flat, key.name).filter(({ value }) => isMeant(value as T));
  return [
    ...linesOf<string>(packages, (request) => request.startsWith('/') && matchesGlob(`/${wanted}`, request)),
    ...linesOf<[string, string]>(addFiles, ([, destination]) => covers(destination)),
    ...linesOf<string[]>(removeFromPackages, ([, ...patterns]) => patterns.some((one) => matches(one, `/${wanted}`))),
    ...linesOf<string>(removeFiles, covers),
  ];
}

/**
 * Whether a line says all there is to say about a path. One about a folder above it, or about files of a package, leaves open which
 * package brings it.
 */
export function settlesPath({ key, state, value }: Explanation, path: string): boolean {
  if (state !== 'stands' || key === removeFromPackages.name) return false;
  return treePath(String([value].flat().at(-1))) === treePath(path);
}

/** As a compose matches: from the start to the end. A pattern that is none matches nothing. */
function matches(pattern: string, path: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(path);
  } catch {
    return false;
  }
}
