// Brings the packages of a lock near and verifies them: takes a PackageLock, gives the path of each package's file by its digest.

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../lib/errors.ts';
import type { Events, StepHandle } from '../../lib/events.ts';
import { whyUnreadable } from '../../lib/file-system-error.ts';
import { type FileVerdicts, openFileVerdicts } from './file-verdicts.ts';
import { loadKeys } from './keys.ts';
import { type LockedPackage, nevra, type PackageLock } from './lock.ts';
import { findMirrors } from './mirrors.ts';
import type { RepoConfig } from './repo-config.ts';
import { type RepoSession, withSession } from './session.ts';
import { transfer } from './transfer.ts';

export interface DownloadOptions {
  readonly cacheDir: string;
  /** From loadRepos() for the same request: mirrors, certificates, and whether packages must be signed. */
  readonly repos: readonly RepoConfig[];
  readonly events: Events;
  readonly signal: AbortSignal;
  /** Transfers at once for each repository. */
  readonly parallel?: number;
}

const defaultParallel = 4;

/**
 * Checksum value -> absolute path of the verified RPM, in the order of the lock. Packages of `file:` repositories stay where they are; others are kept in
 * `cacheDir/rpms/TYPE/DIGEST.rpm`.
 * @throws UserError `package-missing`, `package-size`, `package-digest`, `download-failed`, `package-unsigned`, `package-signature`,
 *   `repo-unknown`, each naming package, repository and URL; Cancelled.
 */
export async function downloadPackages(lock: PackageLock, options: DownloadOptions): Promise<Map<string, string>> {
  return await options.events.step('Fetch packages', async (step) => {
    const verdicts = await openFileVerdicts(join(options.cacheDir, 'verdicts', 'files.json'));
    const paths = new Map<string, string>();
    const progress = progressOf(lock, step);
    try {
      for (const [id, packages] of Map.groupBy(lock.packages, (locked) => locked.repo)) {
        const repo = options.repos.find((known) => known.id === id);
        if (repo === undefined) {
          throw new UserError(
            'repo-unknown',
            `the lock takes packages from the repository ${id}, which is not configured`,
            {
              hint: 'make the lock again, or add the repository to a .repo file and to repos:',
            },
          );
        }
        await withSession(repo, options.cacheDir, options.signal, async (session) => {
          await fetchFromRepo(
            packages,
            { session, verdicts, progress, parallel: options.parallel ?? defaultParallel },
            paths,
          );
        });
      }
    } finally {
      await verdicts.save();
    }
    progress.report();
    return new Map(lock.packages.map(({ checksum }) => [checksum.value, paths.get(checksum.value)!]));
  });
}

interface FetchContext {
  readonly session: RepoSession;
  readonly verdicts: FileVerdicts;
  readonly progress: Progress;
  readonly parallel: number;
}

async function fetchFromRepo(
  packages: readonly LockedPackage[],
  context: FetchContext,
  paths: Map<string, string>,
): Promise<void> {
  const { session, parallel } = context;
  const missing: LockedPackage[] = [];
  await inParallel(packages, parallel, async (locked) => {
    const path = locked.url.startsWith('file:')
      ? await verifyInPlace(locked, context)
      : await fromCache(locked, context);
    if (path === undefined) missing.push(locked);
    else paths.set(locked.checksum.value, path);
  });
  if (missing.length > 0) {
    await mkdir(join(session.cacheDir, 'rpms'), { recursive: true });
    const { baseUrls } = await findMirrors(session);
    await inParallel(missing, parallel, async (locked) => {
      paths.set(locked.checksum.value, await fetchPackage(locked, baseUrls, context));
    });
  }
  if (session.repo.gpgCheck) {
    const files = packages.map((locked) => ({ locked, path: paths.get(locked.checksum.value)! }));
    const keys = await loadKeys(session.repo, session);
    const { verifySignatures } = await import('./signatures.ts'); // it brings the runner of programs
    await verifySignatures(session.repo, files, keys, session.cacheDir, session.signal);
  }
}

async function verifyInPlace(locked: LockedPackage, { verdicts, progress, session }: FetchContext): Promise<string> {
  const path = fileURLToPath(locked.url);
  const found = await verdicts.digest(path, locked.checksum.type, session.signal).catch((cause: unknown) => {
    session.signal.throwIfAborted();
    throw new UserError('package-missing', `${describe(locked)} cannot be read: ${whyUnreadable(cause)}`, {
      hint: 'the repository changed since its metadata was made: run createrepo_c on it',
      cause,
    });
  });
  if (locked.size > 0 && found.size !== locked.size) {
    throw damaged('package-size', locked, `${locked.size} bytes`, `${found.size}`);
  }
  if (found.value !== locked.checksum.value) {
    throw damaged('package-digest', locked, `${locked.checksum.type} ${locked.checksum.value}`, found.value);
  }
  progress.advance(locked, locked.size);
  return path;
}

async function fromCache(
  locked: LockedPackage,
  { verdicts, progress, session }: FetchContext,
): Promise<string | undefined> {
  const path = cachedPath(session.cacheDir, locked);
  if ((await stat(path).catch(() => undefined)) === undefined) return undefined;
  const { value } = await verdicts.digest(path, locked.checksum.type, session.signal);
  if (value !== locked.checksum.value) return undefined;
  progress.advance(locked, locked.size);
  return path;
}

async function fetchPackage(
  locked: LockedPackage,
  baseUrls: readonly string[],
  context: FetchContext,
): Promise<string> {
  const { session, progress } = context;
  const target = cachedPath(session.cacheDir, locked);
  await transfer(
    {
      what: `the package ${nevra(locked)} of the repository ${locked.repo}`,
      urls: mirrorUrls(locked.url, baseUrls),
      target,
      checksum: locked.checksum,
      retries: session.repo.retries,
      ...(locked.size > 0 ? { size: locked.size } : {}),
    },
    { client: await session.client(), signal: session.signal, onBytes: (bytes) => progress.advance(locked, bytes) },
  );
  return target;
}

/** The locked URL first, then the same path on the other mirrors. */
export function mirrorUrls(url: string, baseUrls: readonly string[]): string[] {
  const own = baseUrls.find((base) => url.startsWith(`${base}/`));
  if (own === undefined) return [url];
  const path = url.slice(own.length);
  return [url, ...baseUrls.filter((base) => base !== own).map((base) => base + path)];
}

export function cachedPath(cacheDir: string, { checksum }: Pick<LockedPackage, 'checksum'>): string {
  return join(cacheDir, 'rpms', checksum.type, `${checksum.value}.rpm`);
}

function describe(locked: LockedPackage): string {
  return `the package ${nevra(locked)} of the repository ${locked.repo} (${locked.url})`;
}

function damaged(code: string, locked: LockedPackage, expected: string, got: string): UserError {
  return new UserError(code, `${describe(locked)} is not what the metadata says: expected ${expected}, got ${got}`, {
    hint: 'the file is damaged or was replaced: restore it, or run createrepo_c on the repository',
  });
}

interface Progress {
  /** Bytes of this package that are there. */
  advance(locked: LockedPackage, bytes: number): void;
  report(): void;
}

const reportEveryMs = 100;

function progressOf(lock: PackageLock, step: StepHandle): Progress {
  const total = lock.packages.reduce((sum, locked) => sum + locked.size, 0);
  const here = new Map<string, number>();
  let done = 0;
  let reportedAt = 0;
  const report = (): void => step.progress(done, total, 'bytes');
  return {
    advance(locked, bytes) {
      done += bytes - (here.get(locked.checksum.value) ?? 0);
      here.set(locked.checksum.value, bytes);
      if (performance.now() - reportedAt < reportEveryMs) return;
      reportedAt = performance.now();
      report();
    },
    report,
  };
}

/** At most `limit` at once; the first failure stops the start of others and is thrown when the running ones have ended. */
async function inParallel<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (failure !== undefined) return;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failure !== undefined) throw failure.error;
}
