// Which package a request of a treefile is about.

import { matchesGlob } from 'node:path';
import { isArchitecture } from './architectures.ts';

/** Whether a request such as `podman >= 4`, `pod*`, `glibc.i686`, a NEVRA or a rich dependency names a package. Pure. */
export function requestNames(request: string, name: string): boolean {
  if (request.startsWith('(')) return request.split(/[\s()]+/).includes(name);
  const [first = ''] = request.split(/[\s<>=]+/);
  if (first === name || (/[*?[]/.test(first) && matchesGlob(name, first))) return true;
  if (first.startsWith(`${name}.`)) return isArchitecture(first.slice(name.length + 1));
  // What follows is a version only when it begins with a digit, as an epoch does too: openssl-provider-legacy is another package.
  return first.startsWith(`${name}-`) && /^\d[^-]*(-\d[^-]*)?$/.test(first.slice(name.length + 1));
}
