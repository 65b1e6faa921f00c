// Which packages of a tree own a path: the package lock and the file lists of its repositories -> packages.

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type LockedPackage, nevra, type PackageLock } from './lock.ts';
import { readRepoState, unpackRecord } from './metadata.ts';
import { loadRepos } from './repos.ts';
import type { ResolveRequest } from './request.ts';
import type { ResolveTools } from './resolve.ts';
import { type RepoSession, withSession } from './session.ts';

/**
 * The packages that have a file, folder or link of that path: `name-evr.arch`, sorted. The path may be that of the package or that of the
 * tree (`/bin/sh` or `/usr/bin/sh`, `/etc/motd` or `/usr/etc/motd`).
 * @throws UserError `repo-without-record` and others of metadata.ts
 */
export async function findOwners(
  request: ResolveRequest,
  lock: PackageLock,
  path: string,
  tools: ResolveTools,
): Promise<string[]> {
  const owners: string[] = [];
  for (const repo of await loadRepos(request)) {
    const locked = new Map(lock.packages.filter((one) => one.repo === repo.id).map((one) => [one.checksum.value, one]));
    if (locked.size === 0) continue;
    const work = (session: RepoSession): Promise<LockedPackage[]> => ownersIn(session, locked, spellings(path));
    owners.push(...(await withSession(repo, request.cacheDir, tools.signal, work)).map(nevra));
  }
  return owners.sort();
}

/** A path and the same as packages may write it that know nothing of the merged /usr and of the tree's /usr/etc. */
export function spellings(path: string): string[] {
  const plain = `/${path.split('/').filter(Boolean).join('/')}`;
  const merged = /^(?:\/usr)?(\/(?:bin|sbin|lib|lib64|etc)(?:\/.*)?)$/.exec(plain)?.[1];
  return merged === undefined ? [plain] : [merged, `/usr${merged}`];
}

async function ownersIn(
  session: RepoSession,
  locked: ReadonlyMap<string, LockedPackage>,
  paths: readonly string[],
): Promise<LockedPackage[]> {
  const file = await unpackRecord(await readRepoState(session), 'filelists', session);
  try {
    const chunks = createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20, signal: session.signal });
    const owners = await ownersInFilelists(chunks, paths);
    return [...owners].map((pkgid) => locked.get(pkgid)).filter((one) => one !== undefined);
  } finally {
    await rm(file, { force: true });
  }
}

const closing = '</file>';

/**
 * Checksums (`pkgid`) of the packages that list one of the paths. Reads piece by piece: the lists of a big repository have hundreds of megabytes.
 * @param chunks text of filelists.xml, cut anywhere
 */
export async function ownersInFilelists(
  chunks: AsyncIterable<string>,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  const wanted = new Set(paths.map(escapeXml));
  const owners = new Set<string>();
  let pkgid = '';
  let text = '';
  for await (const chunk of chunks) {
    text += chunk;
    const last = text.lastIndexOf(closing);
    if (last < 0) continue;
    const end = last + closing.length;
    for (const match of text.slice(0, end).matchAll(/<package\b[^>]*\bpkgid="([^"]*)"|<file\b[^>]*>([^<]*)</g)) {
      const [, begun, listed] = match;
      if (begun !== undefined) pkgid = begun;
      else if (wanted.has(listed!)) owners.add(pkgid);
    }
    text = text.slice(end);
  }
  return owners;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
