// Checks that no user or group has changed its number: files on hosts keep the number, so a changed one gives them to somebody else.

import { UserError } from '../../../lib/errors.ts';
import { type Account, accountIds } from '../accounts.ts';

/**
 * @param kind fits into "the user …"
 * @param allowed name -> number that it must have; other names are free
 * @throws UserError `id-changed` naming all that differ
 */
export function checkIds(
  kind: 'user' | 'group',
  accounts: readonly Account[],
  allowed: ReadonlyMap<string, number>,
): void {
  const changed = [...accountIds(accounts)]
    .filter(([name, id]) => allowed.has(name) && allowed.get(name) !== id)
    .map(([name, id]) => `the ${kind} ${name} has number ${id} but must have ${allowed.get(name)}`);
  if (changed.length === 0) return;
  throw new UserError('id-changed', changed.join('\n'), {
    hint: `give the ${kind} its number in the package that makes it, or state the new one with ${kind === 'user' ? 'check-passwd' : 'check-groups'}`,
  });
}
