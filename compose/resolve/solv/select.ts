// Turns requests (names, globs, NEVRAs, provides, paths, versions, rich dependencies) into pairs of a libsolv job.

import { globPattern } from './glob.ts';
import type { Id } from './library.ts';
import { parenthesesLimit } from './limits.ts';
import type { Pool } from './pool.ts';
import { collect, queueContent, withQueue } from './queue.ts';

/** `how, what` pairs, flat, as selection_make() gives them. */
export type JobPairs = readonly number[];

const selectName = 1 << 0;
const selectProvides = 1 << 1;
const selectFilelist = 1 << 2;
const selectCanon = 1 << 3;
const selectDotarch = 1 << 4;
const selectRel = 1 << 5;
const selectGlob = 1 << 9;
const jobSelectName = 2;
const jobSelectProvides = 3;
const jobSelectOneOf = 4;
const jobSelectMask = 0xff;

/** What a request of a treefile matches; empty when nothing does. */
export function selectRequest(pool: Pool, request: string): JobPairs {
  pool.requireIndexed();
  if (request.startsWith('(')) return selectRichDependency(pool, request);
  const files = request.startsWith('/') ? selectFilelist : 0;
  const flags = selectName | selectProvides | selectCanon | selectDotarch | selectRel | selectGlob | files;
  const found = select(pool, request, flags);
  return found.length > 0 ? found : selectNevraGlob(pool, request);
}

/** What keeps a request from being understood, as words behind it; null: nothing. */
export function whyNoRequest(pool: Pool, request: string): string | null {
  if (!request.startsWith('(')) return null;
  if (request.split('(').length - 1 > parenthesesLimit) return 'is nested too deep';
  const isRead = pool.solv.pool_parserpmrichdep(pool.handle, request) !== 0;
  return isRead ? null : 'is no rich dependency such as (a or b)';
}

/** Ids that a pattern of an exclude or include list means: names, globs, name.arch, NEVRAs, `name < version`, NEVRA globs. */
export function selectPackages(pool: Pool, pattern: string): Id[] {
  pool.requireIndexed();
  const flags = selectName | selectCanon | selectDotarch | selectRel | selectGlob;
  const found = select(pool, pattern, flags);
  return solvables(pool, found.length > 0 ? found : selectNevraGlob(pool, pattern));
}

/** Ids of everything that provides a dependency as libsolv prints it. */
export function selectProviders(pool: Pool, dependency: string): Id[] {
  pool.requireIndexed();
  if (dependency.startsWith('(')) return [];
  const files = dependency.startsWith('/') ? selectFilelist : 0;
  return solvables(pool, select(pool, dependency, selectProvides | selectRel | files));
}

export function solvables(pool: Pool, pairs: JobPairs): Id[] {
  if (pairs.length === 0) return [];
  return withQueue(pool.solv, pairs, (selection) =>
    collect(pool.solv, (queue) => pool.solv.selection_solvables(pool.handle, selection, queue)),
  );
}

/** A job that any one of these packages fulfils. */
export function oneOf(pool: Pool, packages: readonly Id[]): JobPairs {
  return withQueue(pool.solv, packages, (queue) => [
    jobSelectOneOf,
    pool.solv.pool_queuetowhatprovides(pool.handle, queue),
  ]);
}

/**
 * dnf's rule for renamed packages: a bare name also accepts packages that obsolete a match by name, and the solver's policy then
 * prefers them. libsolv matches obsoletes against provides there, hence the filter on the name.
 */
export function withObsoleters(
  pool: Pool,
  requests: readonly { readonly request: string; readonly pairs: JobPairs }[],
): JobPairs[] {
  const { solv, handle, keys } = pool;
  const bare = requests
    .filter(({ request, pairs }) => isBareName(pool, request, pairs))
    .map(({ request, pairs }) => ({ request, own: solvables(pool, pairs) }));
  if (bare.length === 0) return requests.map(({ pairs }) => pairs);

  const matched = withQueue(
    solv,
    bare.flatMap(({ own }) => own),
    (all) => collect(solv, (queue) => solv.selection_make_matchsolvablelist(handle, queue, all, 0, keys.obsoletes, -1)),
  );
  const obsoletersOfName = new Map<string, Id[]>();
  for (const obsoleter of solvables(pool, matched)) {
    for (const dependency of collect(solv, (queue) =>
      solv.pool_lookup_idarray(handle, obsoleter, keys.obsoletes, queue),
    )) {
      const name = solv.pool_dep2str(handle, dependency).split(' ')[0]!;
      obsoletersOfName.set(name, [...(obsoletersOfName.get(name) ?? []), obsoleter]);
    }
  }

  const replaced = new Map<string, JobPairs>();
  for (const { request, own } of bare) {
    const candidates = new Set(obsoletersOfName.get(request) ?? []);
    const obsoleters = [...candidates].filter((candidate) =>
      own.some((id) =>
        collect(solv, (queue) => solv.pool_whatmatchessolvable(handle, keys.obsoletes, id, queue, -1)).includes(
          candidate,
        ),
      ),
    );
    if (obsoleters.length > 0) replaced.set(request, oneOf(pool, [...new Set([...own, ...obsoleters])]));
  }
  return requests.map(({ request, pairs }) => replaced.get(request) ?? pairs);
}

function isBareName(pool: Pool, request: string, pairs: JobPairs): boolean {
  const [how = 0, what = 0] = pairs;
  return (
    pairs.length === 2 &&
    (how & jobSelectMask) === jobSelectName &&
    pool.solv.pool_id2str(pool.handle, what) === request
  );
}

function select(pool: Pool, text: string, flags: number): JobPairs {
  return withQueue(pool.solv, [], (queue) => {
    pool.solv.selection_make(pool.handle, queue, text, flags);
    return queueContent(queue);
  });
}

function selectRichDependency(pool: Pool, request: string): JobPairs {
  if (whyNoRequest(pool, request) !== null) return [];
  return [jobSelectProvides, pool.solv.pool_parserpmrichdep(pool.handle, request)];
}

/** Globs over name-version, name-version-release and NEVRA are no libsolv selections; dnf takes the best of each name. */
function selectNevraGlob(pool: Pool, request: string): JobPairs {
  if (!/[*?[]/.test(request) || request.startsWith('/')) return [];
  const pattern = globPattern(request);
  const byName = new Map<string, Id[]>();
  for (const { packages } of pool.repos) {
    for (const id of packages) {
      const name = pool.name(id);
      const evr = pool.evr(id);
      const forms = [`${name}-${evr}.${pool.arch(id)}`, `${name}-${evr}`, `${name}-${evr.replace(/-[^-]*$/, '')}`];
      if (!forms.some((form) => pattern.test(form))) continue;
      byName.set(name, [...(byName.get(name) ?? []), id]);
    }
  }
  return [...byName.values()].flatMap((ids) => oneOf(pool, ids));
}
