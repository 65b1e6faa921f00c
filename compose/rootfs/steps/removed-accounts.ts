// Notices users and groups that were there before and are gone: their number may later be given to somebody else, while hosts still have
// files of theirs.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';

/** Accounts of one kind. */
export interface AccountChange {
  /** Fits into "the user …". */
  readonly kind: 'user' | 'group';
  /** Name -> number, as before. */
  readonly before: ReadonlyMap<string, number>;
  /** The same of the tree. */
  readonly now: ReadonlyMap<string, number>;
  /** Names that may disappear; `*` stands for all. */
  readonly ignored: readonly string[];
}

/**
 * Names of accounts that are gone and may not be, sorted.
 * @throws UserError `account-removed` when files of the tree still belong to one
 */
export function removedAccounts(root: string, { kind, before, now, ignored }: AccountChange): string[] {
  if (ignored.includes('*')) return [];
  const gone = [...before].filter(([name]) => !now.has(name) && !ignored.includes(name)).sort();
  const taken = new Set(now.values());
  const orphaned = new Map(gone.flatMap(([name, id]) => (taken.has(id) ? [] : [[id, name]])));
  if (orphaned.size > 0) {
    const owned = firstOwned(root, '/', (stats) => orphaned.has(kind === 'user' ? stats.uid : stats.gid));
    if (owned !== null) {
      const name = orphaned.get(kind === 'user' ? owned.uid : owned.gid);
      throw new UserError('account-removed', `the ${kind} ${name} is gone, but ${owned.path} still belongs to it`, {
        hint: `add the package that makes it, or list it in ignore-removed-${kind}s`,
      });
    }
  }
  return gone.map(([name]) => name);
}

interface Owned {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

/** @param shown the folder's path in the tree, for the result */
function firstOwned(folder: string, shown: string, wanted: (stats: Owned) => boolean): Owned | null {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const place = join(folder, entry.name);
    const path = join(shown, entry.name);
    const { uid, gid } = lstatSync(place);
    if (wanted({ path, uid, gid })) return { path, uid, gid };
    const below = entry.isDirectory() ? firstOwned(place, path, wanted) : null;
    if (below !== null) return below;
  }
  return null;
}
