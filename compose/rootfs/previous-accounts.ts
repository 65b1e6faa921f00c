// The accounts of the commit before, read from its repository.

import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { type Account, type AccountFile, parseAccounts } from './accounts.ts';
import type { PreviousAccounts } from './steps/seed-accounts.ts';

const files: readonly AccountFile[] = ['passwd', 'group', 'shadow', 'gshadow'];

/** Accounts below /usr/etc and, where users are split, /usr/lib. */
export async function previousAccounts(
  repo: string,
  commit: string,
  context: EngineContext,
): Promise<PreviousAccounts> {
  const lists = await Promise.all(
    files.map(async (file): Promise<[AccountFile, Account[]]> => {
      const texts = await Promise.all(
        [`/usr/etc/${file}`, `/usr/lib/${file}`].map((path) => contentOf(repo, commit, path, context)),
      );
      return [file, parseAccounts(texts.join(''))];
    }),
  );
  return Object.fromEntries(lists);
}

// A file that the commit lacks is an empty one.
async function contentOf(repo: string, commit: string, path: string, context: EngineContext): Promise<string> {
  const options = { ...context.runOptions, okExitCodes: [0, 1] };
  return (await run(['ostree', `--repo=${repo}`, 'cat', commit, path], options)).stdout;
}
