// The accounts of the commit before, read from its repository.

import { readCommitFile } from '../repository/read-file.ts';
import { type Account, type AccountFile, parseAccounts } from './accounts.ts';
import type { PreviousAccounts } from './steps/seed-accounts.ts';

const files: readonly AccountFile[] = ['passwd', 'group', 'shadow', 'gshadow'];

/** Accounts below /usr/etc and, where users are split, /usr/lib. A file that the commit lacks is an empty one. */
export async function previousAccounts(repo: string, commit: string): Promise<PreviousAccounts> {
  const lists = await Promise.all(
    files.map(async (file): Promise<[AccountFile, Account[]]> => {
      const paths = [`/usr/etc/${file}`, `/usr/lib/${file}`];
      const texts = await Promise.all(paths.map((path) => readCommitFile(repo, commit, path)));
      return [file, parseAccounts(texts.map((text) => text ?? '').join(''))];
    }),
  );
  return Object.fromEntries(lists);
}
