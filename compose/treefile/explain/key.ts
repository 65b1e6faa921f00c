// A key, or a member of one -> everything that somebody wrote for it.

import { UserError } from '../../../lib/errors.ts';
import { nearestNames } from '../../../lib/near-miss.ts';
import type { MergedKey } from '../declare.ts';
import type { FlatTreefile } from '../flatten.ts';
import { packages, repoPackages } from '../keys/packages.ts';
import { findKey, keyNames, packagesArchitecture } from '../keys.ts';
import type { Layer, Traced } from '../layer.ts';
import { printValue } from '../print.ts';
import { didYouMean } from '../problems.ts';
import { positionOf } from '../source/source-file.ts';
import type { JsonValue } from '../treefile.ts';
import { type Explanation, explanationOf, type Fate } from './explanation.ts';
import { fateOf, nameOf } from './fate.ts';

/**
 * What somebody wrote for a key, a member of a mapping or a list (`metadata.license`, `units.sshd.service`), a field of a single value
 * (`check-passwd.entries`) or `packages-ARCH`; in the order of reading.
 * @throws UserError `steering-key`, `unknown-key`
 */
export function explainKey(flat: FlatTreefile, name: string, member?: string): Explanation[] {
  const architecture = packagesArchitecture(name);
  if (architecture !== undefined) return explainArchitecture(flat, name, architecture);
  const key = mergedKeyOf(name);
  if (key.name === repoPackages.name) return explainRepoPackages(flat, member);
  return flat.layers.flatMap((layer) => {
    if (key.form === 'map') {
      return [...(layer.values.maps.get(key.name) ?? [])]
        .filter(([written]) => member === undefined || written === member)
        .map(([written, traced]) => ({ ...explainValue(key, traced, written, flat), member: written }));
    }
    const all = layer.values.tracesOf(key);
    if (key.form === 'scalar') return all.flatMap((traced) => explainField(key, traced, member, flat));
    return all
      .filter(({ value }) => member === undefined || nameOf(key, value) === member)
      .map((traced) => explainValue(key, traced, undefined, flat));
  });
}

function mergedKeyOf(name: string): MergedKey {
  const key = findKey(name)?.key;
  if (key?.form === 'steering') {
    throw new UserError('steering-key', `"${name}" only steers the reading and is gone after merging`, {
      hint: '`slipway treefile graph` shows what was included, and under which conditions',
    });
  }
  if (key === undefined || key.form === 'refused') {
    throw new UserError('unknown-key', `the merged treefile has no key "${name}"`, {
      hint: didYouMean(nearestNames(name, keyNames())) ?? 'packages are found by their whole name, paths begin with /',
    });
  }
  return key.form === 'list' && key.foldInto !== undefined ? mergedKeyOf(key.foldInto) : key;
}

function explainValue(
  key: MergedKey,
  traced: Traced<unknown>,
  member: string | undefined,
  flat: FlatTreefile,
): Explanation {
  const fate = fateOf(key, traced, member, flat);
  return explanationOf(key.name, printValue(key, fate.merged ?? traced, flat), traced, fate);
}

/** A single value, or the field of it that the words between dots lead to. */
function explainField(
  key: MergedKey,
  traced: Traced<unknown>,
  member: string | undefined,
  flat: FlatTreefile,
): Explanation[] {
  const whole = explainValue(key, traced, undefined, flat);
  if (member === undefined) return [whole];
  const value = member.split('.').reduce<JsonValue | undefined>(fieldOf, whole.value);
  return value === undefined ? [] : [{ ...whole, member, value }];
}

function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMapping && Object.hasOwn(value, name) ? (value as Readonly<Record<string, JsonValue>>)[name] : undefined;
}

/** The items of `packages-ARCH`, also when the treefile is read for another architecture. */
function explainArchitecture(flat: FlatTreefile, name: string, architecture: string): Explanation[] {
  const items = flat.layers.flatMap(({ architecturePackages }) => architecturePackages.get(architecture) ?? []);
  return items.map((traced) => {
    const fate =
      architecture === flat.basearch ? fateOf(packages, traced, undefined, flat) : { state: 'other-arch' as const };
    return explanationOf(name, traced.value as JsonValue, traced, fate);
  });
}

type Pinned = Traced<{ readonly repo: string; readonly packages: readonly string[] }>;

/** An entry may keep some of its packages and lose others to later entries: one explanation for each part. */
function explainRepoPackages(flat: FlatTreefile, repo: string | undefined): Explanation[] {
  const entries = flat.layers.flatMap(({ values }: Layer): readonly Pinned[] => values.list(repoPackages) ?? []);
  return entries
    .filter(({ value }) => repo === undefined || value.repo === repo)
    .flatMap((entry) => {
      const fate = fateOf(repoPackages, entry, undefined, flat);
      const kept = fate.merged === undefined ? [] : (fate.merged as Pinned).value.packages;
      const lost = entry.value.packages.filter((name) => !kept.includes(name));
      const part = (names: readonly string[], partFate: Fate): Explanation =>
        explanationOf(repoPackages.name, { repo: entry.value.repo, packages: names }, entry, partFate);
      if (fate.state === 'removed' && fate.by !== undefined) return [part(entry.value.packages, fate)];
      const takers = Map.groupBy(lost, (name) =>
        flat.values.list(repoPackages)?.find(({ value }) => value.packages.includes(name)),
      );
      return [
        ...(kept.length === 0 ? [] : [part(kept, { state: 'stands' })]),
        ...[...takers].map(([taker, names]) =>
          part(names, { state: 'overridden', ...(taker === undefined ? {} : { by: positionOf(taker.span) }) }),
        ),
      ];
    });
}
