// Checks that no user or group has changed its numbers: files on hosts keep them, so a changed one gives them to somebody else.

import { UserError } from '../../../lib/errors.ts';
import { type Account, type AccountIds, accountNumbers } from '../accounts.ts';

/**
 * @param kind fits into "the user …"
 * @param allowed name -> numbers that it must have; other names are free, and so is a group number that is left out
 * @throws UserError `id-changed` naming all that differ
 */
export function checkIds(
  kind: 'user' | 'group',
  accounts: readonly Account[],
  allowed: ReadonlyMap<string, AccountIds>,
): void {
  const changed = [...accountNumbers(kind, accounts)].flatMap(([name, { id, gid }]) => {
    const wanted = allowed.get(name);
    if (wanted === undefined) return [];
    return [
      ...(wanted.id === id ? [] : [`the ${kind} ${name} has number ${id} but must have ${wanted.id}`]),
      ...(wanted.gid === undefined || wanted.gid === gid
        ? []
        : [`the ${kind} ${name} has the primary group ${gid} but must have ${wanted.gid}`]),
    ];
  });
  if (changed.length === 0) return;
  throw new UserError('id-changed', changed.join('\n'), {
    hint: `give the ${kind} its number in the package that makes it, or state the new one with ${kind === 'user' ? 'check-passwd' : 'check-groups'}`,
  });
}
