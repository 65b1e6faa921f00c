// Which data of packages the cache of parsed metadata leaves out: descriptions and the like, which nothing here reads and which take a fifth
// of the time of reading the others.

import { koffi } from '../../../lib/koffi.ts';
import type { FileHandle, Libsolv, PoolHandle, RepoHandle } from './library.ts';

const unneeded = [
  ...['summary', 'description', 'packager', 'url', 'license', 'group', 'vendor', 'buildhost'],
  ...['buildtime', 'installsize', 'headerend'],
];
const dropped = 0;

/** repo_write() without those. The first member of the public `struct s_Repokey` is the id of its name. */
export function writeNeeded(solv: Libsolv, pool: PoolHandle, repo: RepoHandle, file: FileHandle): number {
  const names = new Set(unneeded.map((name) => solv.pool_str2id(pool, `solvable:${name}`, 0)));
  return solv.repo_write_filtered(
    repo,
    file,
    (_, key) =>
      names.has(koffi.decode(key, 'int') as number) ? dropped : solv.repo_write_stdkeyfilter(repo, key, null),
    null,
    null,
  );
}
