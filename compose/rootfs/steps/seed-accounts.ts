// Keeps user and group numbers from one commit to the next: accounts that scriptlets made in the previous commit are put into the new
// tree before its scriptlets run, so that useradd and sysusers find them and leave their numbers alone.

import { writeFileSync } from 'node:fs';
import { type Account, type AccountFile, accountPath, formatAccounts, readAccounts } from '../accounts.ts';

export type PreviousAccounts = Readonly<Partial<Record<AccountFile, readonly Account[]>>>;

/** Appends the accounts of `previous` that the tree lacks. Packaged accounts win over previous ones of the same name. */
export function seedAccounts(root: string, previous: PreviousAccounts): void {
  for (const [file, accounts] of Object.entries(previous) as [AccountFile, readonly Account[]][]) {
    const present = readAccounts(root, file);
    const names = new Set(present.map(([name]) => name));
    const missing = accounts.filter(([name]) => !names.has(name));
    if (present.length === 0 || missing.length === 0) continue;
    writeFileSync(accountPath(root, file), formatAccounts([...present, ...missing]));
  }
}
