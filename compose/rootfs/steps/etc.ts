// Moves /etc to /usr/etc, the defaults that OSTree merges with each host's own. Done on the folded tree: an overlay cannot rename a
// directory of its lower layer.

import { lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';

/** @throws UserError `usr-etc-taken` when packages bring files of both */
export function moveEtc(root: string): void {
  if (lstatSync(join(root, 'usr/etc'), { throwIfNoEntry: false }) !== undefined) {
    throw new UserError('usr-etc-taken', 'a package brings files below /usr/etc, which belongs to OSTree', {
      hint: 'remove them with remove-files, or exclude the package',
    });
  }
  if (lstatSync(join(root, 'etc'), { throwIfNoEntry: false }) !== undefined) {
    renameSync(join(root, 'etc'), join(root, 'usr/etc'));
  }
}
