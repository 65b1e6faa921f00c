// fail-on-new-users: a user or group that nobody announced fails the compose, before it can take a number that hosts already use.

import { UserError } from '../../../lib/errors.ts';
import { type Account, accountIds } from '../accounts.ts';

/**
 * @param kind fits into "the user …"
 * @param known names that may be there: of the previous commit, of the checks and of the pins
 * @throws UserError `new-account` naming all others
 */
export function refuseNewAccounts(
  kind: 'user' | 'group',
  accounts: readonly Account[],
  known: ReadonlySet<string>,
): void {
  const fresh = [...accountIds(accounts)].filter(([name]) => !known.has(name));
  if (fresh.length === 0) return;
  throw new UserError(
    'new-account',
    fresh.map(([name, id]) => `the ${kind} ${name} (number ${id}) is new`).join('\n'),
    {
      hint: `if it is wanted, give it its number with ${kind === 'user' ? 'pin-users' : 'pin-groups'}; fail-on-new-users: true is why this is an error`,
    },
  );
}
