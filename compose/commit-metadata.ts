// What a commit says about itself: a plan and its packages -> the metadata of the commit object, under the names that rpm-ostree and bootc
// tools read, beside our own.

import { advisoriesKey, advisoriesVariant } from '../lib/advisories.ts';
import type { Variant } from '../lib/gvariant.ts';
import type { PackageIdentity } from '../lib/ostree-objects.ts';
import { type AskedOptions, type ComposePlan, type LayerContent, layerContent } from './plan.ts';
import type { LockedRepo } from './resolve/lock.ts';
import type { JsonValue } from './treefile/treefile.ts';

export type Metadata = ReadonlyMap<string, Variant>;

/** Metadata that is part of the commit and of its checksum. */
export function commitMetadata(plan: ComposePlan, packages: readonly PackageIdentity[]): Metadata {
  const { treefile, commitVersion } = plan;
  const metadata = new Map(Object.entries(plan.commitMetadata).map(([key, value]) => [key, jsonVariant(value)]));
  if (commitVersion !== null) metadata.set('version', stringVariant(commitVersion));
  metadata.set('rpmostree.inputhash', stringVariant(plan.inputId));
  metadata.set('slipway.input-id', stringVariant(plan.inputId));
  metadata.set(composeOptionsKey, stringVariant(JSON.stringify(composeOptions(plan))));
  metadata.set('rpmostree.rpmdb.pkglist', packageListVariant(packages));
  if (treefile.containerCmd !== null) {
    metadata.set('ostree.container-cmd', { type: 'as', value: treefile.containerCmd });
  }
  if (treefile.initramfsArgs.length > 0) {
    metadata.set('rpmostree.initramfs-args', { type: 'as', value: treefile.initramfsArgs });
  }
  if (treefile.repoMetadata === 'inline') {
    const ids = plan.repositories.map(({ id }): [string, Variant][] => [['id', stringVariant(id)]]);
    metadata.set(repositoriesKey, { type: 'aa{sv}', value: ids });
  }
  if (treefile.advisoriesMetadata === 'inline' && plan.advisories.length > 0) {
    metadata.set(advisoriesKey, advisoriesVariant(plan.advisories));
  }
  return metadata;
}

/** What a commit was made of beside treefile and packages, as JSON: with it `slipway compose verify` can make the commit again. */
export interface ShippedOptions extends AskedOptions {
  /** In the order of laying. */
  readonly layers: readonly LayerContent[];
}

export const composeOptionsKey = 'slipway.compose-options';

function composeOptions({ layers, options: { sourceDateEpoch, commitMetadata: asked } }: ComposePlan): ShippedOptions {
  return { layers: layers.map(layerContent), sourceDateEpoch, commitMetadata: asked };
}

/** Metadata beside the commit, without a say in its checksum. */
export function detachedMetadata({ treefile, repositories, advisories }: ComposePlan): Metadata {
  const metadata = new Map<string, Variant>();
  if (treefile.repoMetadata === 'detached') {
    metadata.set(repositoriesKey, { type: 'aa{sv}', value: repositories.map(repositoryEntries) });
  }
  if (treefile.advisoriesMetadata === 'detached' && advisories.length > 0) {
    metadata.set(advisoriesKey, advisoriesVariant(advisories));
  }
  return metadata;
}

const repositoriesKey = 'rpmostree.rpmmd-repos';

// The state of a repository moves on also when no package of ours does, so it may only stand where it does not change the commit.
function repositoryEntries({ id, revision, repomdDigest }: LockedRepo): [string, Variant][] {
  const isTime = /^\d{1,15}$/.test(revision);
  return [
    ['id', stringVariant(id)],
    ...(isTime ? [['timestamp', { type: 't', value: BigInt(revision) }] satisfies [string, Variant]] : []),
    ['slipway.repomd-digest', stringVariant(repomdDigest)],
  ];
}

/** `a(sssss)`: name, epoch, version, release, arch, sorted by name, as rpm-ostree writes it. */
export function packageListVariant(packages: readonly PackageIdentity[]): Variant {
  const tuples = packages
    .map((each) => [each.name, String(each.epoch), each.version, each.release, each.arch])
    .sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1));
  return { type: 'a(sssss)', value: tuples };
}

/** JSON as json-glib maps it: objects a{sv}, arrays av, whole numbers x, others d. */
export function jsonVariant(value: JsonValue): Variant {
  if (value === null) return { type: 'mv', value: null };
  if (typeof value === 'string') return stringVariant(value);
  if (typeof value === 'boolean') return { type: 'b', value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { type: 'x', value: BigInt(value) } : { type: 'd', value };
  }
  if (isList(value)) return { type: 'av', value: value.map(jsonVariant) };
  return { type: 'a{sv}', value: Object.entries(value).map(([key, member]) => [key, jsonVariant(member)]) };
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function stringVariant(value: string): Variant {
  return { type: 's', value };
}
