// What people call a commit -> its checksum: a ref, a checksum or the beginning of one, a version, each with any number of `^` for parents.

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/near-miss.ts';
import { isChecksum } from '../../lib/ostree-objects.ts';
import { type Commit, hasCommit, readCommit } from './commit.ts';

/**
 * @throws UserError `repo-not-found`, `commit-not-found` or `version-ambiguous`
 */
export async function resolveCommit(repo: string, name: string): Promise<Commit> {
  const refs = await listRefs(repo);
  const base = name.replace(/\^+$/, '');
  let commit = await readCommit(repo, refs.get(base) ?? (await checksumOf(repo, base, refs)));
  for (let steps = name.length - base.length; steps > 0; steps--) {
    if (commit.parent === null) throw new UserError('commit-not-found', `${commit.checksum} has no parent`);
    commit = await readCommit(repo, commit.parent);
  }
  return commit;
}

/** Ref -> checksum, sorted by ref. */
export async function listRefs(repo: string): Promise<Map<string, string>> {
  assertRepository(repo);
  const heads = join(repo, 'refs', 'heads');
  const entries = await readdir(heads, { recursive: true, withFileTypes: true });
  const pairs = await Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async ({ parentPath, name }): Promise<[string, string]> => {
        const path = join(parentPath, name);
        return [relative(heads, path), (await readFile(path, 'utf8')).trim()];
      }),
  );
  return new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The commit that a ref names. @throws UserError `ref-not-found` with the nearest names */
export async function commitOfRef(repo: string, ref: string): Promise<string> {
  const refs = await listRefs(repo);
  const checksum = refs.get(ref);
  if (checksum === undefined) throw unknownName('ref-not-found', `the repository ${repo} has no ref ${ref}`, ref, refs);
  return checksum;
}

/** The commit and its ancestors as far as the repository has them, newest first. */
export async function* ancestry(repo: string, checksum: string): AsyncGenerator<Commit> {
  for (let next: string | null = checksum; next !== null && hasCommit(repo, next); ) {
    const commit: Commit = await readCommit(repo, next);
    yield commit;
    next = commit.parent;
  }
}

/** @throws UserError `repo-not-found` */
export function assertRepository(repo: string): void {
  if (existsSync(join(repo, 'config')) && existsSync(join(repo, 'objects'))) return;
  throw new UserError('repo-not-found', `${repo} is not an OSTree repository`, {
    hint: '`slipway compose tree` makes one, and so does `ostree init`',
  });
}

async function checksumOf(repo: string, name: string, refs: ReadonlyMap<string, string>): Promise<string> {
  if (isChecksum(name)) return name;
  const found = await commitsOfVersion(repo, name, refs);
  if (found.length > 1) {
    throw new UserError('version-ambiguous', `version ${name} is that of several commits: ${found.join(', ')}`, {
      hint: 'name one of them by its checksum',
    });
  }
  if (found[0] !== undefined) return found[0];
  if (/^[0-9a-f]{6,63}$/.test(name)) {
    const objects = await readdir(join(repo, 'objects', name.slice(0, 2))).catch((): string[] => []);
    const fits = objects.filter((object) => object.startsWith(name.slice(2)) && object.endsWith('.commit'));
    if (fits.length === 1) return `${name.slice(0, 2)}${fits[0]!.slice(0, -'.commit'.length)}`;
  }
  throw unknownName('commit-not-found', `the repository ${repo} has no ref, commit or version ${name}`, name, refs);
}

async function commitsOfVersion(repo: string, version: string, refs: ReadonlyMap<string, string>): Promise<string[]> {
  const found = new Set<string>();
  for (const checksum of refs.values()) {
    for await (const commit of ancestry(repo, checksum)) if (commit.version === version) found.add(commit.checksum);
  }
  return [...found].sort();
}

function unknownName(code: string, message: string, name: string, refs: ReadonlyMap<string, string>): UserError {
  const nearest = nearestNames(name, refs.keys());
  const hint =
    nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : `it has ${[...refs.keys()].join(', ') || 'no refs'}`;
  return new UserError(code, message, { hint });
}
