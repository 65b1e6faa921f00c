// What is damaged in the package cache, by the packages and paths that people know, and its removal: the next composes make it again.
// `ostree fsck` reads all contents; where an object belongs, and whether the objects of folders are sound, is read from the commits here.

import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../lib/documents.ts';
import { isChecksum, type ObjectKind, objectPath } from '../../lib/ostree-objects.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { type Folder, readFolder, rootOf } from '../repository/dirtree.ts';
import { listRefs } from '../repository/names.ts';
import { nevra, type PackageLock } from '../resolve/lock.ts';
import { packageRef } from './cache.ts';

export interface Damage {
  /** `CHECKSUM.KIND`; null for a ref that names no object. */
  readonly object: string | null;
  /** Where it belongs; empty when no ref leads to it. */
  readonly places: readonly { readonly ref: string; readonly path: string }[];
}

/** What it finds may hide more: see `mayHideMore`. */
export async function findDamage(repo: string, context: EngineContext): Promise<Damage[]> {
  const refs = [...(await listRefs(repo))];
  const torn = refs.filter(([, commit]) => !isChecksum(commit));
  if (torn.length > 0) return torn.map(([ref]) => ({ object: null, places: [{ ref, path: '/' }] }));
  const options = { ...context.runOptions, okExitCodes: [0, 1] };
  await removeMarks(repo);
  const { exitCode, stderr } = await run(['ostree', `--repo=${repo}`, 'fsck', '--all', '--quiet'], options);
  await removeMarks(repo);
  if (exitCode === 0) return [];
  const damage = new Map<string, { ref: string; path: string }[]>(objectsNamedIn(stderr).map((object) => [object, []]));
  for (const [ref, commit] of refs) {
    for (const { object, path } of brokenParts(repo, commit, new Set(damage.keys()))) {
      damage.set(object, [...(damage.get(object) ?? []), { ref, path }]);
    }
  }
  if (damage.size === 0) throw new Error(`ostree fsck fails without naming an object: ${stderr}`);
  return [...damage].map(([object, places]) => ({ object, places }));
}

/**
 * Removes the objects and every ref that leads to one; `ostree prune` then finds the rest.
 * @returns how many refs, and objects that no ref led to
 */
export async function removeDamage(repo: string, damage: readonly Damage[]): Promise<number> {
  const refs = new Set(damage.flatMap(({ places }) => places.map(({ ref }) => ref)));
  for (const ref of refs) await rm(join(repo, 'refs/heads', ref), { force: true });
  for (const { object } of damage) if (object !== null) await rm(pathOf(repo, object), { force: true });
  return refs.size + damage.filter(({ places }) => places.length === 0).length;
}

/** ostree reads nothing where a ref names nothing, and stops where the object of a folder is missing. */
export function mayHideMore(damage: readonly Damage[]): boolean {
  return damage.some(({ object }) => object === null || !object.endsWith('.file'));
}

/** One sentence for each place. */
export async function describeDamage(damage: readonly Damage[], cacheDir: string): Promise<string[]> {
  if (damage.length === 0) return [];
  const names = await packageNames(cacheDir);
  return damage.flatMap(({ object, places }) =>
    places.length === 0
      ? [`${object} is damaged, which only finished trees have`]
      : places.map(({ ref, path }) => `${names.get(ref) ?? ref}: ${path} is damaged (${object ?? ref})`),
  );
}

/** The objects that fsck complains about. Source: ot-builtin-fsck.c of libostree. */
export function objectsNamedIn(complaints: string): string[] {
  const named = complaints.matchAll(/content object ([0-9a-f]{64})|([0-9a-f]{64}\.(?:commit|dirtree|dirmeta|file))\b/g);
  return [...new Set([...named].map(([, content, object]) => object ?? `${content}.file`))];
}

// fsck marks commits that lack something, passes them over the next time, and leaves the marks of whole ones that came back.
async function removeMarks(repo: string): Promise<void> {
  const state = join(repo, 'state');
  for (const name of await readdir(state).catch((): string[] => [])) {
    if (!name.endsWith('.commitpartial')) continue;
    const mark = await readFile(join(state, name), 'utf8').catch(() => '');
    if (mark === 'f') await rm(join(state, name), { force: true });
  }
}

interface BrokenPart {
  readonly object: string;
  readonly path: string;
}

function* brokenParts(repo: string, commit: string, damaged: ReadonlySet<string>): Generator<BrokenPart> {
  const object = `${commit}.commit`;
  if (isSound(repo, object)) yield* brokenBelow(repo, rootOf(readFileSync(pathOf(repo, object))), '/', damaged);
  else yield { object, path: '/' };
}

function* brokenBelow(repo: string, folder: Folder, path: string, damaged: ReadonlySet<string>): Generator<BrokenPart> {
  const [dirtree, dirmeta] = [`${folder.dirtree}.dirtree`, `${folder.dirmeta}.dirmeta`];
  if (!isSound(repo, dirmeta)) yield { object: dirmeta, path };
  if (!isSound(repo, dirtree)) return yield { object: dirtree, path };
  const { files, folders } = readFolder(repo, folder.dirtree);
  for (const [name, checksum] of files) {
    const object = `${checksum}.file`;
    if (damaged.has(object) || !isThere(repo, object)) yield { object, path: `${path}${name}` };
  }
  for (const [name, inner] of folders) yield* brokenBelow(repo, inner, `${path}${name}/`, damaged);
}

/** Whether an object of metadata is what its name says. */
function isSound(repo: string, object: string): boolean {
  const path = pathOf(repo, object);
  return existsSync(path) && sha256(readFileSync(path)) === object.slice(0, 64);
}

/** Also of a link that leads nowhere here. */
function isThere(repo: string, object: string): boolean {
  return lstatSync(pathOf(repo, object), { throwIfNoEntry: false }) !== undefined;
}

function pathOf(repo: string, object: string): string {
  const [checksum = '', kind] = object.split('.');
  return objectPath(repo, checksum, kind as ObjectKind);
}

/** Ref -> package, as far as a lock of the cache still names it. */
async function packageNames(cacheDir: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const folder = join(cacheDir, 'locks');
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const packages = await readFile(join(folder, name), 'utf8')
      .then((text) => (JSON.parse(text) as PackageLock).packages)
      .catch((): PackageLock['packages'] => []); // damaged itself, which is told elsewhere
    for (const locked of packages) {
      const digest = `${locked.checksum.type}:${locked.checksum.value}`;
      for (const readonlyExecutables of [false, true]) {
        names.set(packageRef({ digest, readonlyExecutables }), nevra(locked));
      }
    }
  }
  return names;
}
