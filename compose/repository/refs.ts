// Reads and moves refs. All moves take one lock, so that what was read under it still holds when the ref moves.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { withFileLock } from '../../lib/file-lock.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';

/** The commit that a local ref names; null when the repository or the ref does not exist. */
export async function readRef(repo: string, ref: string): Promise<string | null> {
  const checksum = await readFile(join(repo, 'refs', 'heads', ref), 'utf8').catch(() => null);
  return checksum === null ? null : checksum.trim();
}

/** Makes a ref name a commit; whoever reads it at the same time sees the old or the new one. */
export async function moveRef(repo: string, ref: string, checksum: string, context: EngineContext): Promise<void> {
  await withRepositoryLock(repo, context, () => writeRef(repo, ref, checksum, context));
}

/**
 * The same, where the commit was made as the successor of what the ref named before. A ref that names the commit already is left alone.
 * @param before what the ref named then, or null
 * @throws UserError `ref-moved` when it names something else by now
 */
export async function advanceRef(
  repo: string,
  ref: string,
  { before, checksum }: { before: string | null; checksum: string },
  context: EngineContext,
): Promise<void> {
  await withRepositoryLock(repo, context, async () => {
    const now = await readRef(repo, ref);
    if (now === checksum) return;
    if (now !== before) {
      const change = now === null ? 'was removed' : `was moved to ${now}`;
      throw new UserError(
        'ref-moved',
        `the ref ${ref} of ${repo} ${change} by someone else while this commit was made`,
        {
          hint: 'run it again: the new commit then follows that one, and the packages come from the cache',
        },
      );
    }
    await writeRef(repo, ref, checksum, context);
  });
}

/** Runs `work` while no other Slipway makes the repository or moves a ref of it. */
export async function withRepositoryLock<T>(
  repo: string,
  context: Pick<EngineContext, 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  return withFileLock(join(repo, '.slipway-lock'), context.signal, work);
}

async function writeRef(repo: string, ref: string, checksum: string, context: EngineContext): Promise<void> {
  await run(moveRefArgv(repo, ref, checksum), context.runOptions);
}

export function moveRefArgv(repo: string, ref: string, checksum: string): string[] {
  return ['ostree', `--repo=${repo}`, 'refs', '--force', `--create=${ref}`, checksum];
}
