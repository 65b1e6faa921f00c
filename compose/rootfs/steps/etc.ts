// Moves /etc to /usr/etc, the defaults that OSTree merges with each host's own. Done on the folded tree: an overlay cannot rename a
// directory of its lower layer.

import { lstatSync, renameSync } from 'node:fs';
import { UserError } from '../../../lib/errors.ts';
import { entryInTree } from '../../../lib/in-tree.ts';

/** @throws UserError `usr-etc-taken` when packages bring files of both */
export function moveEtc(root: string): void {
  const place = entryInTree(root, 'usr/etc');
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) {
    throw new UserError('usr-etc-taken', 'a package brings files below /usr/etc, which belongs to OSTree', {
      hint: 'remove them with remove-files, or exclude the package',
    });
  }
  const etc = entryInTree(root, 'etc');
  if (lstatSync(etc, { throwIfNoEntry: false }) !== undefined) renameSync(etc, place);
}
