// The options of every command that resolves packages under lockfiles, and what they mean.

import type { LockConstraints } from '../compose/treefile/lock-constraints.ts';
import { UserError } from '../lib/errors.ts';

export const lockfileOptions = {
  lockfile: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'Use the package versions of this lockfile; may be repeated, later ones override earlier ones',
  },
  'lockfile-strict': { type: 'boolean', default: false, describe: 'Use no package that the lockfiles lack' },
} as const;

/**
 * What the lockfiles allow; null without any.
 * @throws UserError `usage`; DiagnosticsError with what is wrong in the files
 */
export async function readLock(argv: {
  readonly lockfile: readonly string[] | undefined;
  readonly lockfileStrict: boolean;
}): Promise<LockConstraints | null> {
  if (argv.lockfile !== undefined) {
    const [{ readLockfiles }, { lockConstraints }] = await Promise.all([
      import('../compose/treefile/lockfile.ts'),
      import('../compose/treefile/lock-constraints.ts'),
    ]);
    return lockConstraints(await readLockfiles(argv.lockfile), { strict: argv.lockfileStrict });
  }
  if (!argv.lockfileStrict) return null;
  throw new UserError('usage', '--lockfile-strict says nothing without a lockfile', { hint: 'give --lockfile FILE' });
}
