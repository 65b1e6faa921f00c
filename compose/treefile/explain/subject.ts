// What `slipway treefile explain` is asked about: the word on the command line -> a key, a variable, a path or a package.

import type { FlatTreefile } from '../flatten.ts';
import { variables } from '../keys/including.ts';
import { findKey, packagesArchitecture } from '../keys.ts';
import type { Explanation } from './explanation.ts';
import { explainKey } from './key.ts';
import { explainPackage } from './package.ts';
import { explainPath } from './path.ts';
import { explainVariables } from './variables.ts';

export type Subject =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'variable'; readonly name: string | undefined }
  | { readonly kind: 'key'; readonly key: string; readonly member: string | undefined }
  | { readonly kind: 'package'; readonly name: string };

/** Paths begin with a slash; a word whose part before the first dot is a key is that key or a member of it; others are packages. */
export function readSubject(word: string): Subject {
  if (word.startsWith('/')) return { kind: 'path', path: word };
  const dot = word.indexOf('.');
  const [first, member] = dot === -1 ? [word, undefined] : [word.slice(0, dot), word.slice(dot + 1)];
  if (first === variables.name) return { kind: 'variable', name: member };
  const isKey = findKey(first) !== undefined || (member === undefined && packagesArchitecture(first) !== undefined);
  return isKey ? { kind: 'key', key: first, member } : { kind: 'package', name: word };
}

/** The lines of the treefile that concern it; empty when there are none. */
export function explainSubject(flat: FlatTreefile, subject: Subject): Explanation[] {
  switch (subject.kind) {
    case 'path':
      return explainPath(flat, subject.path);
    case 'variable':
      return explainVariables(flat, subject.name);
    case 'key':
      return explainKey(flat, subject.key, subject.member);
    case 'package':
      return explainPackage(flat, subject.name);
  }
}
