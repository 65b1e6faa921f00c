// What all work on one repository shares: its settings, one HTTP client with kept connections, the cache folder and the signal.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../lib/documents.ts';
import { temporaryNameBeside } from '../../lib/files.ts';
import { createHttpClient, type HttpClient } from './http.ts';
import type { RepoConfig } from './repo-config.ts';
import { transfer } from './transfer.ts';

export interface RepoSession {
  readonly repo: RepoConfig;
  readonly client: HttpClient;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
}

/** Opens a session for `work` and closes its connections afterwards. */
export async function withSession<T>(
  repo: RepoConfig,
  cacheDir: string,
  signal: AbortSignal,
  work: (session: RepoSession) => Promise<T>,
): Promise<T> {
  const client = createHttpClient(repo);
  try {
    return await work({ repo, client, cacheDir, signal });
  } finally {
    client.close();
  }
}

/** A small file by HTTP, from the first mirror that gives it whole. `what` is for messages. */
export async function fetchBytes(
  session: RepoSession,
  what: string,
  urls: readonly string[],
  limit: number,
): Promise<Buffer> {
  const target = temporaryNameBeside(join(session.cacheDir, 'metadata', sha256(urls.join(' ')).slice(0, 16)));
  try {
    await transfer({ what, urls, target, retries: session.repo.retries, limit }, session);
    return await readFile(target);
  } finally {
    await rm(target, { force: true });
  }
}
