// What all work on one repository shares: its settings, one HTTP client with kept connections, the cache folder and the signal.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../lib/documents.ts';
import { temporaryNameBeside } from '../../lib/files.ts';
import type { HttpClient } from './http.ts';
import type { RepoConfig } from './repo-config.ts';

export interface RepoSession {
  readonly repo: RepoConfig;
  /** One client with kept connections, made when first asked for: local repositories need neither it nor Node's TLS. */
  client(): Promise<HttpClient>;
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
  let opened: Promise<HttpClient> | undefined;
  const client = (): Promise<HttpClient> => {
    opened ??= import('./http.ts').then(({ createHttpClient }) => createHttpClient(repo));
    return opened;
  };
  try {
    return await work({ repo, client, cacheDir, signal });
  } finally {
    await opened?.then(
      (made) => made.close(),
      () => {}, // a client that could not be made was reported to whoever asked for it
    );
  }
}

/** A small file by HTTP, from the first mirror that gives it whole and is not refused. `what` is for messages. */
export async function fetchBytes(
  session: RepoSession,
  what: string,
  urls: readonly string[],
  limit: number,
  refuse: (content: Buffer) => string | null = () => null,
): Promise<Buffer> {
  const target = temporaryNameBeside(join(session.cacheDir, 'metadata', sha256(urls.join(' ')).slice(0, 16)));
  try {
    const { transfer } = await import('./transfer.ts');
    const tools = { client: await session.client(), signal: session.signal };
    const refuseFile = async (file: string): Promise<string | null> => refuse(await readFile(file));
    await transfer({ what, urls, target, retries: session.repo.retries, limit, refuse: refuseFile }, tools);
    return await readFile(target);
  } finally {
    await rm(target, { force: true });
  }
}
