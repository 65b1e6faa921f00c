// Modular metadata (modules.yaml), read just far enough not to pick packages of hidden streams: which packages belong to a stream,
// and which stream of a module is its default. The treefile language enables no streams, so default streams are the active ones.

import { loadAll } from 'js-yaml'; // MIT: the YAML reader of the project

/** What the modules.yaml of one repository says. */
export interface ModuleMetadata {
  readonly streams: readonly { readonly module: string; readonly stream: string; readonly rpms: readonly string[] }[];
  readonly defaults: readonly ModuleDefault[];
}

interface ModuleDefault {
  readonly module: string;
  readonly stream: string;
  /** When the default was chosen, as a number that grows; 0 when the document does not say. */
  readonly modified: number;
}

export interface ModularPackages {
  /** `name-epoch:version-release.arch` of packages in streams that are not active. */
  readonly hidden: readonly string[];
  /** The same form, for packages of active streams. */
  readonly active: readonly string[];
  /** Names of packages of active streams: other packages of these names are hidden, as dnf does. */
  readonly activeNames: readonly string[];
}

interface ModuleDocument {
  readonly document?: unknown;
  readonly data?: {
    readonly name?: unknown;
    readonly stream?: unknown;
    readonly module?: unknown;
    readonly modified?: unknown;
    readonly artifacts?: { readonly rpms?: readonly unknown[] };
  };
}

/** @throws Error of the YAML reader. Documents of unknown kinds are passed over. */
export function parseModules(text: string): ModuleMetadata {
  const documents = (loadAll(text) as (ModuleDocument | null)[]).filter((document) => document !== null);
  const dataOf = (kind: string): NonNullable<ModuleDocument['data']>[] =>
    documents.flatMap(({ document, data }) => (document === kind && data !== undefined ? [data] : []));
  return {
    streams: dataOf('modulemd').map(({ name, stream, artifacts }) => ({
      ...{ module: String(name), stream: String(stream) },
      rpms: (artifacts?.rpms ?? []).map(String),
    })),
    defaults: dataOf('modulemd-defaults')
      .filter(({ stream }) => stream !== undefined)
      .map(({ module, stream, modified }) => ({
        ...{ module: String(module), stream: String(stream) },
        modified: Number(modified ?? 0),
      })),
  };
}

/**
 * Judges all repositories together: a default may stand in another repository than the stream.
 * @param repositories with the priorities of their `.repo` files, of which the lowest wins
 */
export function modularPackages(
  repositories: readonly { readonly priority: number; readonly metadata: ModuleMetadata }[],
): ModularPackages {
  const defaults = mergeDefaults(repositories);
  const hidden = new Set<string>();
  const active = new Set<string>();
  for (const { module, stream, rpms } of repositories.flatMap(({ metadata }) => metadata.streams)) {
    const target = defaults.get(module) === stream ? active : hidden;
    for (const rpm of rpms) target.add(rpm);
  }
  for (const nevra of active) hidden.delete(nevra);
  const activeNames = new Set([...active].map((nevra) => nevra.replace(/-[^-]+-[^-]+$/, '')));
  return { hidden: [...hidden], active: [...active], activeNames: [...activeNames] };
}

/**
 * Module -> its default stream. The repository of the best priority decides, in it and among equals the newest document; where these
 * disagree the module has no default (libmodulemd, modulemd_module_index_merger).
 */
function mergeDefaults(
  repositories: readonly { readonly priority: number; readonly metadata: ModuleMetadata }[],
): Map<string, string> {
  const all = repositories.flatMap(({ priority, metadata }) =>
    metadata.defaults.map((each) => ({ ...each, priority })),
  );
  const merged = new Map<string, string>();
  for (const [module, candidates] of Map.groupBy(all, (each) => each.module)) {
    const best = Math.min(...candidates.map(({ priority }) => priority));
    const preferred = candidates.filter(({ priority }) => priority === best);
    const newest = Math.max(...preferred.map(({ modified }) => modified));
    const streams = new Set(preferred.filter(({ modified }) => modified === newest).map(({ stream }) => stream));
    if (streams.size === 1) merged.set(module, [...streams][0]!);
  }
  return merged;
}
