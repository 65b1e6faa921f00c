// What the metadata says about one package of a solution: version, digest, size and place.

import { UserError } from '../../../lib/errors.ts';
import { digestType } from '../digest-type.ts';
import type { SolvedPackage } from './job.ts';
import type { Id } from './library.ts';
import type { PackageKey, Pool } from './pool.ts';

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
  const checksum = { type, value };
  return { name, evr, arch, repo, checksum, size, location: locationOf(pool, id), ...sourceOf(pool, id) };
}

/** libsolv takes the file name apart, and stores "void" for a name or version that is the package's own. */
function sourceOf(pool: Pool, id: Id): Pick<SolvedPackage, 'sourcerpm'> {
  const arch = pool.text(id, 'sourcearch');
  const name = isVoid(pool, id, 'sourcename') ? pool.name(id) : pool.text(id, 'sourcename');
  const evr = isVoid(pool, id, 'sourceevr') ? pool.evr(id) : pool.text(id, 'sourceevr');
  if (arch === null || name === null || evr === null) return {};
  return { sourcerpm: `${name}-${withoutEpoch(evr)}.${arch}.rpm` };
}

/** libsolv stores a "void" directory for the architecture and a void file name for the usual one. */
function locationOf(pool: Pool, id: Id): string {
  const usualFile = `${pool.name(id)}-${withoutEpoch(pool.evr(id))}.${pool.arch(id)}.rpm`;
  const directory = isVoid(pool, id, 'mediadir') ? pool.arch(id) : pool.text(id, 'mediadir');
  const file = isVoid(pool, id, 'mediafile') ? usualFile : pool.text(id, 'mediafile');
  const base = pool.text(id, 'mediabase')?.replace(/\/+$/, '');
  return [base, directory, file].filter((part) => part !== undefined && part !== null && part !== '').join('/');
}

function isVoid(pool: Pool, id: Id, key: PackageKey): boolean {
  return pool.solv.pool_lookup_void(pool.handle, id, pool.keys[key]) !== 0;
}

function withoutEpoch(evr: string): string {
  return evr.replace(/^\d+:/, '');
}
