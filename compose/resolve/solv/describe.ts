// What the metadata says about one package of a solution: version, digest, size and place.

import { UserError } from '../../../lib/errors.ts';
import { digestType } from '../repomd.ts';
import type { SolvedPackage } from './job.ts';
import type { Id } from './library.ts';
import type { Pool } from './pool.ts';

/** @throws UserError `package-without-digest` when the metadata gives nothing to verify the file with. */
export function describePackage(pool: Pool, id: Id): SolvedPackage {
  const { value, type: typeName } = pool.checksum(id);
  const type = digestType(typeName);
  const repo = pool.repoOf(id).id;
  if (type === undefined) {
    throw new UserError(
      'package-without-digest',
      `the repository ${repo} gives no SHA-2 digest for ${pool.nevra(id)}`,
      {
        hint: 'make its metadata again with createrepo_c',
      },
    );
  }
  const size = Number(pool.solv.pool_lookup_num(pool.handle, id, pool.keys.downloadsize, 0));
  const [name, evr, arch] = [pool.name(id), pool.evr(id), pool.arch(id)];
  return { name, evr, arch, repo, checksum: { type, value }, size, location: locationOf(pool, id) };
}

/** libsolv stores a "void" directory for the architecture and a void file name for the usual one. */
function locationOf(pool: Pool, id: Id): string {
  const isVoid = (key: 'mediadir' | 'mediafile'): boolean =>
    pool.solv.pool_lookup_void(pool.handle, id, pool.keys[key]) !== 0;
  const usualFile = `${pool.name(id)}-${pool.evr(id).replace(/^\d+:/, '')}.${pool.arch(id)}.rpm`;
  const directory = isVoid('mediadir') ? pool.arch(id) : pool.text(id, 'mediadir');
  const file = isVoid('mediafile') ? usualFile : pool.text(id, 'mediafile');
  const base = pool.text(id, 'mediabase')?.replace(/\/+$/, '');
  return [base, directory, file].filter((part) => part !== undefined && part !== null && part !== '').join('/');
}
