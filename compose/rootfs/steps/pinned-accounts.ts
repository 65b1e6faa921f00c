// The accounts of pin-users and pin-groups: put into the tree before its scriptlets run, as locked system accounts, so that useradd and
// sysusers find them and leave their numbers alone.

import type { Treefile } from '../../treefile/treefile.ts';
import type { Account } from '../accounts.ts';
import type { PreviousAccounts } from './seed-accounts.ts';

type Pins = Pick<Treefile, 'pinUsers' | 'pinGroups'>;

/** Accounts as sysusers.d(5) makes them: no home, no login, the password locked; a user's own group has its name and number. */
export function pinnedAccounts({ pinUsers, pinGroups }: Pins): PreviousAccounts {
  const groupIds = pinnedGroupIds({ pinUsers, pinGroups });
  const users = Object.entries(pinUsers).map(([name, [uid, gid]]) => ({
    name,
    uid,
    gid: gid ?? groupIds.get(name) ?? uid,
  }));
  const groups = [...groupIds.keys()];
  return {
    passwd: users.map(({ name, uid, gid }): Account => [name, 'x', `${uid}`, `${gid}`, '', '/', '/usr/sbin/nologin']),
    shadow: users.map(({ name }): Account => [name, '!*', '', '', '', '', '', '', '']),
    group: groups.map((name): Account => [name, 'x', `${groupIds.get(name)}`, '']),
    gshadow: groups.map((name): Account => [name, '!*', '', '']),
  };
}

/** Name -> number of every group that pin-groups fixes, and of the own groups of pinned users. */
export function pinnedGroupIds({ pinUsers, pinGroups }: Pins): Map<string, number> {
  const pinned = Object.entries(pinGroups).flatMap(([name, [gid]]): [string, number][] =>
    gid === undefined ? [] : [[name, gid]],
  );
  const taken = new Set(pinned.map(([, gid]) => gid));
  const own = Object.entries(pinUsers).flatMap(([name, [uid, gid = uid]]): [string, number][] =>
    gid === undefined || taken.has(gid) ? [] : [[name, gid]],
  );
  return new Map([...own, ...pinned]);
}
