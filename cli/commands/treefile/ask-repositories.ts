// What only the repositories can tell `slipway treefile explain`: they are asked as a compose asks them.

import { findOwners } from '../../../compose/resolve/owners.ts';
import { type LockRequest, type ResolveRequest, resolveRequestOf } from '../../../compose/resolve/request.ts';
import { resolvePackages, resolveWithReasons } from '../../../compose/resolve/resolve.ts';
import type { PackageReasons } from '../../../compose/resolve/solv/job.ts';
import type { FlattenOptions } from '../../../compose/treefile/flatten.ts';
import { loadTreefile } from '../../../compose/treefile/load.ts';
import type { RequestPlaces } from '../../../compose/treefile/request-places.ts';
import { cacheDirectory } from '../../../lib/cache.ts';
import type { CommandTools } from '../../command.ts';

/** The treefile to resolve, and how. */
export interface Question extends FlattenOptions {
  readonly treefile: string;
  readonly lock: LockRequest | null;
}

/** Why each package is in the tree; undefined when the treefile names no repositories. */
export async function reasonsOf(
  question: Question,
  { events, signal }: CommandTools,
): Promise<readonly PackageReasons[] | undefined> {
  const asked = await requestOf(question);
  if (asked === undefined) return undefined;
  return (await resolveWithReasons(asked.request, { events, signal, places: asked.places })).reasons;
}

/** The packages of the tree that have the path; undefined when the treefile names no repositories. */
export async function owningPackages(
  question: Question,
  path: string,
  { events, signal }: CommandTools,
): Promise<string[] | undefined> {
  const asked = await requestOf(question);
  if (asked === undefined) return undefined;
  const { request, places } = asked;
  const tools = { events, signal, places };
  return await findOwners(request, await resolvePackages(request, tools), path, tools);
}

async function requestOf({
  treefile: file,
  lock,
  ...options
}: Question): Promise<{ request: ResolveRequest; places: RequestPlaces } | undefined> {
  const { treefile, places } = await loadTreefile(file, options);
  const usable = treefile.repos.length + (lock === null ? 0 : treefile.lockfileRepos.length);
  return usable === 0 ? undefined : { request: resolveRequestOf(treefile, cacheDirectory(), lock), places };
}
