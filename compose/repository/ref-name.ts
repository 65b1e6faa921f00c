// Names of new refs, checked before any work: ostree's own words come late and name no rule.

import { UserError } from '../../lib/errors.ts';

/** `ostree_validate_rev()` and OSTREE_REF_REGEXP of libostree: parts of letters, digits, `-`, `_` and `.`, joined by slashes. */
const refPattern = /^[\p{L}\p{N}_][-.\p{L}\p{N}_]*(\/[\p{L}\p{N}_][-.\p{L}\p{N}_]*)*$/u;

/**
 * @param refs those that the repository has; the file of one cannot be the folder of another
 * @throws UserError `usage` for a name that ostree does not take, `ref-in-the-way`
 */
export function checkNewRef(ref: string, refs: Iterable<string>): void {
  if (!refPattern.test(ref)) {
    throw new UserError('usage', `"${ref}" cannot be the name of a ref`, {
      hint: 'use letters, digits, "-", "_" and "." in parts joined by "/", each beginning with a letter, a digit or "_"',
    });
  }
  for (const other of refs) {
    if (!other.startsWith(`${ref}/`) && !ref.startsWith(`${other}/`)) continue;
    throw new UserError('ref-in-the-way', `there cannot be a ref ${ref} beside the ref ${other}`, {
      hint: 'a ref is a file, in folders of the parts before its last: choose another name',
    });
  }
}
