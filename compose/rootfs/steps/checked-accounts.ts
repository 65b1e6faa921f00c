// The accounts that check-passwd and check-groups list, in a file or in the treefile: put into the tree before its scriptlets run, so that
// useradd and sysusers find them and leave their numbers alone; and the numbers that accounts must have in the end.

import { readFileSync } from 'node:fs';
import type { IdCheck, Treefile } from '../../treefile/treefile.ts';
import { type Account, type AccountIds, accountNumbers, parseAccounts } from '../accounts.ts';
import { pinnedAccounts } from './pinned-accounts.ts';
import type { PreviousAccounts } from './seed-accounts.ts';

/** As they stand in a file; those of a list in the treefile are locked system accounts like those of pin-users. */
export function checkedAccounts({
  checkPasswd,
  checkGroups,
}: Pick<Treefile, 'checkPasswd' | 'checkGroups'>): PreviousAccounts {
  const listed = pinnedAccounts({ pinUsers: entriesOf(checkPasswd), pinGroups: entriesOf(checkGroups) });
  const users = accountsOf(checkPasswd);
  const groups = accountsOf(checkGroups);
  return {
    passwd: [...users, ...(listed.passwd ?? [])],
    shadow: [
      ...users.map(([name = '']): Account => [name, '!*', '', '', '', '', '', '', '']),
      ...(listed.shadow ?? []),
    ],
    group: [...groups, ...(listed.group ?? [])],
    gshadow: [...groups.map(([name = '']): Account => [name, '!*', '', '']), ...(listed.gshadow ?? [])],
  };
}

/**
 * Name -> numbers that a check demands.
 * @param previous accounts of the commit before
 */
export function demandedIds(
  kind: 'user' | 'group',
  check: IdCheck,
  previous: readonly Account[],
): ReadonlyMap<string, AccountIds> {
  switch (check.type) {
    case 'none':
      return new Map();
    case 'previous':
      return accountNumbers(kind, previous);
    case 'file':
      return accountNumbers(kind, accountsOf(check));
    case 'data':
      return writtenIds(check.entries);
  }
}

/** Name -> numbers, as the treefile writes them: `[id]` or `[id, gid]`. */
export function writtenIds(entries: Readonly<Record<string, readonly number[]>>): Map<string, AccountIds> {
  return new Map(
    Object.entries(entries).flatMap(([name, [id, gid]]): [string, AccountIds][] =>
      id === undefined ? [] : [[name, { id, ...(gid === undefined ? {} : { gid }) }]],
    ),
  );
}

function entriesOf(check: IdCheck): Readonly<Record<string, readonly number[]>> {
  return check.type === 'data' ? check.entries : {};
}

function accountsOf(check: IdCheck): Account[] {
  return check.type === 'file' ? parseAccounts(readFileSync(check.filename, 'utf8')) : [];
}
