// The caches beside the package repository, as a table: plain files that can be fetched or made again at any time, or that are only for people.

import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { scriptletOutputParent } from '../rootfs/scriptlet-output.ts';

interface CachePart {
  readonly name: string;
  /** Folder under the cache folder; `userId` for those that each user has alone. */
  folder(userId: number): string;
  /** What is wrong with a file, or null. */
  check(path: string): Promise<string | null>;
}

export interface CachePartReport {
  readonly name: string;
  readonly files: number;
  /** Sum of the files' sizes. */
  readonly bytes: number;
}

const parts: readonly CachePart[] = [
  { name: 'downloaded packages', folder: () => 'rpms', check: checkNamedByDigest },
  { name: 'repository metadata', folder: () => 'metadata', check: checkNamedByDigest },
  { name: 'parsed metadata', folder: () => 'solv', check: async () => null },
  { name: 'package locks', folder: () => 'locks', check: checkJson },
  { name: 'verdicts on files', folder: () => 'verdicts', check: async () => null },
  {
    name: 'results of scriptlets and dracut',
    folder: (userId) => join('packages', `uid-${userId}`, 'results'),
    check: async (path) => (path.endsWith('.json') ? checkJson(path) : checkNamedByDigest(path)),
  },
  { name: 'output of scriptlets', folder: scriptletOutputParent, check: async () => null },
];

/** How much there is of each. */
export async function measureParts(cacheDir: string, userId: number): Promise<CachePartReport[]> {
  return Promise.all(
    parts.map(async ({ name, folder }) => {
      const files = await filesIn(join(cacheDir, folder(userId)));
      return { name, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
    }),
  );
}

/**
 * Removes files that nobody has written or read since then; where the file system keeps no times of reading, those of writing decide.
 * @returns how many
 */
export async function removeUnusedFiles(cacheDir: string, userId: number, unusedSinceMs: number): Promise<number> {
  let removed = 0;
  for (const { folder } of parts) {
    for (const { path, usedAtMs } of await filesIn(join(cacheDir, folder(userId)))) {
      if (usedAtMs >= unusedSinceMs) continue;
      await rm(path, { force: true });
      removed++;
    }
  }
  return removed;
}

export interface DamagedFile {
  readonly path: string;
  /** A sentence that names it. */
  readonly problem: string;
}

/** Files that are not what their names promise. */
export async function findDamagedFiles(cacheDir: string, userId: number): Promise<DamagedFile[]> {
  const damaged: DamagedFile[] = [];
  for (const { folder, check } of parts) {
    for (const { path } of await filesIn(join(cacheDir, folder(userId)))) {
      const problem = await check(path);
      if (problem !== null) damaged.push({ path, problem: `${path} ${problem}` });
    }
  }
  return damaged;
}

interface CachedFile {
  readonly path: string;
  readonly size: number;
  readonly usedAtMs: number;
}

/** Whole files; half-written ones are hidden and belong to whoever writes them. */
async function filesIn(folder: string): Promise<CachedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((): Dirent[] => []);
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  const read = files.map(async ({ parentPath, name }): Promise<CachedFile[]> => {
    const path = join(parentPath, name);
    const stats = await stat(path).catch(() => null); // another process may have removed it
    return stats === null ? [] : [{ path, size: stats.size, usedAtMs: Math.max(stats.mtimeMs, stats.atimeMs) }];
  });
  return (await Promise.all(read)).flat();
}

const digestLengths: Readonly<Record<string, string>> = { 40: 'sha1', 64: 'sha256', 96: 'sha384', 128: 'sha512' };

/** `DIGEST` or `DIGEST.EXTENSION`; the kind of digest shows in its length. Other names promise nothing. */
async function checkNamedByDigest(path: string): Promise<string | null> {
  const digest = /^[0-9a-f]+/.exec(basename(path))?.[0] ?? '';
  const algorithm = digestLengths[digest.length];
  if (algorithm === undefined || basename(dirname(path)) === 'indexes') return null;
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') === digest ? null : `is not what its name says: its ${algorithm} is another`;
}

async function checkJson(path: string): Promise<string | null> {
  try {
    JSON.parse(await readFile(path, 'utf8'));
    return null;
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}
