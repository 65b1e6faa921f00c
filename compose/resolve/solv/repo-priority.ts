// The one write into a struct of libsolv: Repo.priority and Repo.subpriority, for which there is no function.

import { UserError } from '../../../lib/errors.ts';
import { koffi } from '../../../lib/koffi.ts';
import type { SolverRepo } from './job.ts';
import type { PoolHandle, RepoHandle } from './library.ts';

/** Offsets in `struct s_Repo` on 64-bit machines, unchanged from libsolv 0.7.0 to 0.7.39. */
const offsets = { name: 0, id: 8, pool: 24, priority: 48, subpriority: 52 };

/**
 * Refused unless name, id, pool and zeros stand where the known layout has them.
 * @param index number of the repository in its pool, from 1
 * @throws UserError `library-unusable`
 */
export function setRepoPriority(pool: PoolHandle, repo: SolverRepo, handle: RepoHandle, index: number): void {
  // libsolv: higher wins. The defaults (priority 99, cost 1000) become 0 and need no write.
  const priority = 99 - repo.priority;
  const subpriority = 1000 - repo.cost;
  if (priority === 0 && subpriority === 0) return;
  const int = (offset: number): number => koffi.decode(handle, offset, 'int') as number;
  const name = koffi.decode(koffi.decode(handle, offsets.name, 'void *'), 'char', Buffer.byteLength(repo.id)) as string;
  const owner = koffi.decode(handle, offsets.pool, 'void *') as bigint;
  if (
    name !== repo.id ||
    int(offsets.id) !== index ||
    owner !== pool ||
    int(offsets.priority) !== 0 ||
    int(offsets.subpriority) !== 0
  ) {
    throw new UserError(
      'library-unusable',
      `this libsolv does not let Slipway set the priority of the repository ${repo.id}`,
      {
        hint: 'remove priority= and cost= from the .repo file, and report the version of libsolv',
      },
    );
  }
  koffi.encode(handle, offsets.priority, 'int', priority);
  koffi.encode(handle, offsets.subpriority, 'int', subpriority);
}
