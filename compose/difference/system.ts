// What two commits say to the host's administrator: accounts and units.

import { readCommitFile } from '../repository/read-file.ts';
import { type Account, type AccountFile, parseAccounts } from '../rootfs/accounts.ts';
import type { Tree } from './files.ts';

export interface AccountDifference {
  /** Names with ids, e.g. `chrony (uid 993)`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** e.g. `chrony: uid 993 -> 994`; a changed id leaves files on hosts with the wrong owner. */
  readonly changed: readonly string[];
}

export interface UnitDifference {
  /** `UNIT (TARGET)` for what an enablement link in a `.wants` or `.requires` folder starts, `UNIT (masked)` for a mask. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Accounts of a commit: the first of /usr/etc and /usr/lib that knows a name counts, as on a host. */
export async function readCommitAccounts(
  repo: string,
  commit: string,
  file: Extract<AccountFile, 'passwd' | 'group'>,
): Promise<Account[]> {
  const paths = [`/usr/etc/${file}`, `/usr/lib/${file}`];
  const texts = await Promise.all(paths.map((path) => readCommitFile(repo, commit, path)));
  const byName = new Map<string, Account>();
  for (const account of texts.flatMap((text) => parseAccounts(text ?? ''))) {
    const name = account[0] ?? '';
    if (!byName.has(name)) byName.set(name, account);
  }
  return [...byName.values()];
}

/** @param kind which numbers are shown: a user has both, a group only its own */
export function compareAccounts(
  before: readonly Account[],
  after: readonly Account[],
  kind: 'users' | 'groups',
): AccountDifference {
  const idsOf = ([, , first = '', second = '']: Account): string =>
    kind === 'users' ? `uid ${first}, gid ${second}` : `gid ${first}`;
  const [old, fresh] = [before, after].map((list) => new Map(list.map((each) => [each[0] ?? '', idsOf(each)])));
  const only = (list: Map<string, string>, other: Map<string, string>): string[] =>
    [...list]
      .filter(([name]) => !other.has(name))
      .map(([name, ids]) => `${name} (${ids})`)
      .sort();
  const changed = [...fresh!].flatMap(([name, ids]) => {
    const was = old!.get(name);
    return was === undefined || was === ids ? [] : [`${name}: ${was} -> ${ids}`];
  });
  return { added: only(fresh!, old!), removed: only(old!, fresh!), changed: changed.sort() };
}

export function compareUnits(before: Tree, after: Tree): UnitDifference {
  const [old, fresh] = [new Set(unitsOf(before)), new Set(unitsOf(after))];
  return { added: [...fresh.difference(old)].sort(), removed: [...old.difference(fresh)].sort() };
}

const unitFolder = /^\/usr\/(?:etc|lib)\/systemd\/(system|user)\/(?:([^/]+)\.(?:wants|requires)\/)?([^/]+)$/;

function* unitsOf(tree: Tree): Generator<string> {
  for (const { path, target, type } of tree.values()) {
    if (type !== 'symlink') continue;
    const [, manager, wantedBy, unit] = unitFolder.exec(path) ?? [];
    if (unit === undefined) continue;
    const user = manager === 'user' ? ', user' : '';
    if (target === '/dev/null') yield `${unit} (masked${user})`;
    else if (wantedBy !== undefined) yield `${unit} (${wantedBy}${user})`;
  }
}
