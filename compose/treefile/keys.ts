// The whole treefile language: every key once, by theme.

import type { MergedKey, RefusedKey, SteeringKey, TreefileKey } from './declare.ts';
import * as commit from './keys/commit.ts';
import * as files from './keys/files.ts';
import * as identity from './keys/identity.ts';
import * as including from './keys/including.ts';
import * as packages from './keys/packages.ts';
import { refusedKeys } from './keys/refused.ts';
import * as system from './keys/system.ts';
import * as users from './keys/users.ts';

/** Themes of the reference page, in its order; inside a theme keys are sorted by name, as module exports are. */
export const keyThemes: readonly {
  readonly title: string;
  readonly keys: readonly (MergedKey | SteeringKey<unknown>)[];
}[] = [
  { title: 'What the commit is called', keys: exportsOf(identity) },
  { title: 'Other files and variables', keys: exportsOf(including) },
  { title: 'Packages', keys: exportsOf(packages) },
  { title: 'The system', keys: exportsOf(system) },
  { title: 'Users and groups', keys: exportsOf(users) },
  { title: 'Files', keys: exportsOf(files) },
  { title: 'Commit metadata', keys: exportsOf(commit) },
];

export { refusedKeys };

const allKeys: readonly TreefileKey[] = [...keyThemes.flatMap((theme) => theme.keys), ...refusedKeys];
const byName = new Map<string, TreefileKey>(allKeys.map((key) => [key.name, key]));
const byLegacyName = new Map(
  keyThemes
    .flatMap((theme) => theme.keys)
    .flatMap((key) => (key.legacyName === undefined ? [] : [[key.legacyName, key]])),
);

/** Keys whose values reach the merged treefile. */
export const mergedKeys: readonly MergedKey[] = keyThemes
  .flatMap((theme) => theme.keys)
  .filter((key) => key.form !== 'steering');

/** The declaration of a name as people write it; `legacy` when it is an older spelling. */
export function findKey(name: string): { key: TreefileKey; legacy: boolean } | undefined {
  const key = byName.get(name);
  if (key !== undefined) return { key, legacy: false };
  const legacy = byLegacyName.get(name);
  return legacy === undefined ? undefined : { key: legacy as MergedKey, legacy: true };
}

/** Every name that may stand at the top of a treefile, for suggestions and completion. */
export function keyNames(): string[] {
  return keyThemes.flatMap((theme) => theme.keys.map((key) => key.name));
}

/** Whether this is the key itself or `packages-ARCH`: the architecture, or undefined. */
export function packagesArchitecture(name: string): string | undefined {
  return name.startsWith('packages-') && findKey(name) === undefined ? name.slice('packages-'.length) : undefined;
}

function exportsOf<T extends RefusedKey | MergedKey | SteeringKey<unknown>>(module: Readonly<Record<string, T>>): T[] {
  return Object.values(module);
}
