// Says for each package of a solution who asked for it: requests of the treefile, and packages that require or recommend it.

import type { PackageReasons } from './job.ts';
import type { Id } from './library.ts';
import type { Pool } from './pool.ts';
import { collect } from './queue.ts';
import { solvables } from './select.ts';
import type { SelectedRequest } from './solve.ts';

const jobSelectProvides = 3;

/** In the order of `ids`. A package that needs itself is not named. */
export function packageReasons(pool: Pool, ids: readonly Id[], requests: readonly SelectedRequest[]): PackageReasons[] {
  pool.requirePrepared();
  const rows = new Map(
    ids.map((id) => {
      const reasons = { requests: [] as string[], requiredBy: [] as Requirer[], recommendedBy: [] as Requirer[] };
      return [id, { package: pool.nevra(id), name: pool.name(id), ...reasons }];
    }),
  );
  for (const { request, pairs } of requests) {
    for (const id of solvables(pool, pairs)) rows.get(id)?.requests.push(request);
  }
  const providersOf = new Map<Id, Id[]>();
  for (const id of ids) {
    for (const kind of ['requires', 'recommends'] as const) {
      for (const dependency of dependenciesOf(pool, id, kind)) {
        const providers = providersOf.get(dependency) ?? installedProviders(pool, dependency, rows);
        providersOf.set(dependency, providers);
        const text = pool.solv.pool_dep2str(pool.handle, dependency);
        for (const provider of providers) {
          if (provider === id) continue;
          const list = kind === 'requires' ? rows.get(provider)!.requiredBy : rows.get(provider)!.recommendedBy;
          list.push({ package: pool.nevra(id), dependency: text });
        }
      }
    }
  }
  return [...rows.values()];
}

type Requirer = { readonly package: string; readonly dependency: string };

function dependenciesOf(pool: Pool, id: Id, kind: 'requires' | 'recommends'): Id[] {
  const { solv, handle, keys } = pool;
  const found = collect(solv, (queue) => solv.pool_lookup_idarray(handle, id, keys[kind], queue));
  // libsolv marks where the dependencies of install scripts begin with an id of its own.
  return found.filter((dependency) => !solv.pool_id2str(handle, dependency).startsWith('solvable:'));
}

function installedProviders(pool: Pool, dependency: Id, installed: ReadonlyMap<Id, unknown>): Id[] {
  const { solv, handle } = pool;
  const providers = collect(solv, (queue) => solv.pool_job2solvables(handle, queue, jobSelectProvides, dependency));
  return providers.filter((id) => installed.has(id));
}
