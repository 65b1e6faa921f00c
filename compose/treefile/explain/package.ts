// A package -> the lines that ask for it, exclude it or tie it to a repository.

import type { FlatTreefile } from '../flatten.ts';
import { excludePackages, packages, repoPackages } from '../keys/packages.ts';
import { requestNames } from '../request-names.ts';
import type { Explanation } from './explanation.ts';
import { explainKey } from './key.ts';

/** Lines that do not count any more are among them. */
export function explainPackage(flat: FlatTreefile, name: string): Explanation[] {
  return linesAbout(flat, (request) => requestNames(request, name));
}

/** The lines that count and have one of these requests, word for word. */
export function explainRequests(flat: FlatTreefile, requests: readonly string[]): Explanation[] {
  return linesAbout(flat, (request) => requests.includes(request)).filter(
    ({ key, state }) => state === 'stands' && key !== excludePackages.name,
  );
}

function linesAbout(flat: FlatTreefile, isMeant: (request: string) => boolean): Explanation[] {
  const lines = [packages, excludePackages].flatMap((key) =>
    explainKey(flat, key.name).filter(({ value }) => isMeant(String(value))),
  );
  const pins = explainKey(flat, repoPackages.name).filter(({ value }) =>
    (value as { packages: readonly string[] }).packages.some(isMeant),
  );
  return [...lines, ...pins];
}

/** Whether a line keeps the package out of the tree. */
export function isExcluded(lines: readonly Explanation[]): boolean {
  return lines.some(({ key, state }) => key === excludePackages.name && state === 'stands');
}
