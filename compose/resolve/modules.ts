// Modular metadata (modules.yaml), read just far enough not to pick packages of hidden streams: which packages belong to a stream,
// and which stream of a module is its default. The treefile language enables no streams, so default streams are the active ones.

import { loadAll } from 'js-yaml'; // MIT: the YAML reader of the project

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
    readonly artifacts?: { readonly rpms?: readonly unknown[] };
  };
}

/** @throws Error of the YAML reader. Documents of unknown kinds are passed over. */
export function parseModules(text: string): ModularPackages {
  const documents = loadAll(text) as (ModuleDocument | null)[];
  const defaults = new Map<string, string>();
  for (const document of documents) {
    const { module, stream } = document?.data ?? {};
    if (document?.document === 'modulemd-defaults' && stream !== undefined)
      defaults.set(String(module), String(stream));
  }
  const hidden = new Set<string>();
  const active = new Set<string>();
  for (const document of documents) {
    if (document?.document !== 'modulemd') continue;
    const { name, stream, artifacts } = document.data ?? {};
    const target = defaults.get(String(name)) === String(stream) ? active : hidden;
    for (const rpm of artifacts?.rpms ?? []) target.add(String(rpm));
  }
  for (const nevra of active) hidden.delete(nevra);
  const activeNames = new Set([...active].map((nevra) => nevra.replace(/-[^-]+-[^-]+$/, '')));
  return { hidden: [...hidden], active: [...active], activeNames: [...activeNames] };
}
