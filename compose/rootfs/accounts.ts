// Reads and writes the account files of a tree: passwd(5), group(5), shadow(5), gshadow(5), as lists of fields.

import { readFileSync } from 'node:fs';
import { inTree } from '../../lib/in-tree.ts';

export type AccountFile = 'passwd' | 'group' | 'shadow' | 'gshadow';

/** The fields of one line; the first is the name. */
export type Account = readonly string[];

/** Where an account file of a tree lies on the build machine. */
export function accountPath(root: string, file: AccountFile): string {
  return inTree(root, `etc/${file}`);
}

/** The accounts in `root`/etc; empty when the file is missing. */
export function readAccounts(root: string, file: AccountFile): Account[] {
  try {
    return parseAccounts(readFileSync(accountPath(root, file), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export function parseAccounts(text: string): Account[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

export function formatAccounts(accounts: readonly Account[]): string {
  return accounts.map((fields) => `${fields.join(':')}\n`).join('');
}

/** The numbers of an account. */
export interface AccountIds {
  readonly id: number;
  /** Number of a user's primary group; left out for groups and where it does not matter. */
  readonly gid?: number;
}

/** Name -> id, and for users primary group, of a passwd or group file. */
export function accountNumbers(kind: 'user' | 'group', accounts: readonly Account[]): Map<string, AccountIds> {
  return new Map(
    accounts.map(([name = '', , id, gid]) => [
      name,
      { id: Number(id), ...(kind === 'user' ? { gid: Number(gid) } : {}) },
    ]),
  );
}

/** Name -> id (third field) of a passwd or group file. */
export function accountIds(accounts: readonly Account[]): Map<string, number> {
  return new Map(accounts.map((fields) => [fields[0] ?? '', Number(fields[2])]));
}
