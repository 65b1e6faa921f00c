// Packages of two commits compared: what came, went, went up or down, with the changelog entries in between.

import type { PackageIdentity } from '../../lib/ostree-objects.ts';
import { compareVersions } from '../../lib/rpm/compare-versions.ts';
import { numberArrayTag, type RpmHeader, stringArrayTag } from '../../lib/rpm/read.ts';
import { evrOf } from '../../lib/rpm/spec.ts';
import { rpmTag } from '../../lib/rpm/tags.ts';

export interface ChangelogEntry {
  /** Seconds since 1970. */
  readonly time: number;
  /** `Name <address> - version`, as the packager wrote it. */
  readonly author: string;
  readonly text: string;
}

export interface PackageChange {
  readonly name: string;
  readonly arch: string;
  /** `[epoch:]version-release` */
  readonly from: string;
  readonly to: string;
  /** Entries of the newer package that the older one lacks, newest first; empty when the package database says nothing. */
  readonly changelog: readonly ChangelogEntry[];
}

export interface PackageDifference {
  readonly added: readonly PackageName[];
  readonly removed: readonly PackageName[];
  readonly upgraded: readonly PackageChange[];
  readonly downgraded: readonly PackageChange[];
}

export interface PackageName {
  readonly name: string;
  readonly arch: string;
  /** `[epoch:]version-release` */
  readonly evr: string;
}

/** A package with what the package database says of its changes. */
export interface DescribedPackage extends PackageIdentity {
  readonly changelog: readonly ChangelogEntry[];
}

/**
 * A package is the same one when name and architecture are. Of packages that are installed in several versions at once (kernels), equal
 * versions cancel out and what is left is paired from the oldest on.
 */
export function comparePackages(
  before: readonly DescribedPackage[],
  after: readonly DescribedPackage[],
): PackageDifference {
  const old = Map.groupBy(before, keyOf);
  const fresh = Map.groupBy(after, keyOf);
  const added: PackageName[] = [];
  const removed: PackageName[] = [];
  const upgraded: PackageChange[] = [];
  const downgraded: PackageChange[] = [];
  for (const key of [...new Set([...old.keys(), ...fresh.keys()])].sort()) {
    const left = without(old.get(key) ?? [], fresh.get(key) ?? []);
    const right = without(fresh.get(key) ?? [], old.get(key) ?? []);
    for (let at = 0; at < Math.max(left.length, right.length); at++) {
      const [from, to] = [left[at], right[at]];
      if (from === undefined) added.push(nameOf(to!));
      else if (to === undefined) removed.push(nameOf(from));
      else if (compareVersions(from, to) <= 0) upgraded.push(changeOf(from, to, changesSince(from, to)));
      else downgraded.push(changeOf(from, to, changesSince(to, from)));
    }
  }
  return { added, removed, upgraded, downgraded };
}

/** Entries of the newer package's changelog that are younger than the older one's newest, or of its time and not known to it. */
export function changesSince(
  older: Pick<DescribedPackage, 'changelog'>,
  newer: Pick<DescribedPackage, 'changelog'>,
): ChangelogEntry[] {
  const newest = Math.max(0, ...older.changelog.map((entry) => entry.time));
  const known = new Set(older.changelog.map((entry) => `${entry.author}\0${entry.text}`));
  return newer.changelog.filter(({ time, author, text }) => time >= newest && !known.has(`${author}\0${text}`));
}

/** Newest first, as packages keep it. */
export function changelogOf(header: RpmHeader): ChangelogEntry[] {
  const times = numberArrayTag(header, rpmTag.changelogTime);
  const authors = stringArrayTag(header, rpmTag.changelogName);
  const texts = stringArrayTag(header, rpmTag.changelogText);
  return times.map((time, at) => ({ time, author: authors[at] ?? '', text: texts[at] ?? '' }));
}

function keyOf({ name, arch }: PackageIdentity): string {
  return `${name}\0${arch}`;
}

function without(list: readonly DescribedPackage[], other: readonly DescribedPackage[]): DescribedPackage[] {
  const known = new Set(other.map(evrOf));
  return list.filter((each) => !known.has(evrOf(each))).sort(compareVersions);
}

function nameOf(each: DescribedPackage): PackageName {
  return { name: each.name, arch: each.arch, evr: evrOf(each) };
}

function changeOf(from: DescribedPackage, to: DescribedPackage, changelog: readonly ChangelogEntry[]): PackageChange {
  return { name: to.name, arch: to.arch, from: evrOf(from), to: evrOf(to), changelog };
}
