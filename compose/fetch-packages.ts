// Brings the packages of a prepared compose near.

import type { WorkerTools } from '../lib/namespace.ts';
import type { ComposeOptions } from './compose.ts';
import type { PreparedCompose } from './prepare.ts';
import { downloadPackages } from './resolve/download.ts';
import { loadRepos } from './resolve/repos.ts';

/** Checksum value -> path of each verified package. */
export async function fetchPackages(
  { lock, request }: PreparedCompose,
  { cacheDir }: Pick<ComposeOptions, 'cacheDir'>,
  tools: WorkerTools,
): Promise<Map<string, string>> {
  return downloadPackages(lock, { cacheDir, repos: await loadRepos(request), ...tools });
}
