// What is in a commit, for bills of materials: its packages with their licences, suppliers and digests, and the system that they make up.

import { sha256 } from '../../lib/documents.ts';
import type { PackageIdentity } from '../../lib/ostree-objects.ts';
import { numberTag, type RpmHeader, stringTag } from '../../lib/rpm/read.ts';
import { evrOf } from '../../lib/rpm/spec.ts';
import { rpmTag } from '../../lib/rpm/tags.ts';
import type { EngineContext } from '../context.ts';
import type { Commit } from '../repository/commit.ts';
import { listRefs, resolveCommit } from '../repository/names.ts';
import { readCommitFile } from '../repository/read-file.ts';
import { readRpmDatabase } from '../repository/rpm-database.ts';
import type { PackageLock } from '../resolve/lock.ts';
import { shippedLockPath } from '../rootfs/steps/lock-json.ts';
import { packageUrl } from './package-url.ts';

export interface InventoryPackage extends PackageIdentity {
  /** `[epoch:]version-release` */
  readonly evr: string;
  /** https://github.com/package-url/purl-spec, type rpm */
  readonly purl: string;
  /** As the packager wrote it; null when the package does not say, and so on for the others. */
  readonly license: string | null;
  readonly supplier: string | null;
  readonly summary: string | null;
  readonly url: string | null;
  readonly sourceRpm: string | null;
  /** Of the RPM file, as the lock in the commit tells it. */
  readonly fileDigest: { readonly type: 'sha224' | 'sha256' | 'sha384' | 'sha512'; readonly value: string } | null;
}

export interface Inventory {
  readonly commit: Commit;
  /** What people call the commit: its ref where one is known, else the name of the system. */
  readonly name: string;
  /** From os-release. */
  readonly os: { readonly id: string; readonly versionId: string | null };
  /** Sorted by name, architecture, version. */
  readonly packages: readonly InventoryPackage[];
  /** The treefile and its digest; null for a commit that is not ours. */
  readonly treefile: { readonly ref: string | null; readonly digest: string } | null;
}

/**
 * @param name as `resolveCommit()` takes it
 * @throws UserError `repo-not-found`, `commit-not-found`
 */
export async function readInventory(repo: string, name: string, context: EngineContext): Promise<Inventory> {
  const commit = await resolveCommit(repo, name);
  const { checksum } = commit;
  const textOf = (path: string): Promise<string | null> => readCommitFile(repo, checksum, path);
  const headers = await readRpmDatabase(repo, checksum, context);
  const release = parseOsRelease((await textOf('/usr/lib/os-release')) ?? (await textOf('/usr/etc/os-release')) ?? '');
  const os = { id: release.get('ID') ?? 'linux', versionId: release.get('VERSION_ID') ?? null };
  const lockText = await textOf(`/${shippedLockPath}`);
  const treefileText = await textOf('/usr/share/slipway/treefile.json');
  const treefile = treefileText === null ? null : { ref: refIn(treefileText), digest: sha256(treefileText) };
  const refs = [...(await listRefs(repo))].filter(([, target]) => target === checksum).map(([ref]) => ref);
  return {
    commit,
    name: treefile?.ref ?? refs[0] ?? os.id,
    os,
    packages: inventoryPackages(headers, commit, lockText === null ? null : (JSON.parse(lockText) as PackageLock), os),
    treefile,
  };
}

/** `KEY=value` lines with shell quotes (os-release(5)). */
export function parseOsRelease(text: string): Map<string, string> {
  const pairs = [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(.*))$/gm)];
  return new Map(
    pairs.map(([, key, double, single, plain]) => [
      key!,
      double?.replaceAll(/\\(.)/g, '$1') ?? single ?? plain!.trim(),
    ]),
  );
}

function inventoryPackages(
  headers: readonly RpmHeader[],
  commit: Commit,
  lock: PackageLock | null,
  os: Inventory['os'],
): InventoryPackage[] {
  const digests = new Map((lock?.packages ?? []).map((each) => [keyOf(each), each.checksum]));
  const found = headers.length > 0 ? headers.map(describe) : commit.packages.map((each) => ({ ...each, ...unknown }));
  return found
    .filter((each) => each.name !== 'gpg-pubkey') // keys that rpm was told of, not packages
    .map((each) => ({
      ...each,
      evr: evrOf(each),
      purl: packageUrl(each, os),
      fileDigest: digests.get(keyOf(each)) ?? null,
    }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

type Described = Omit<InventoryPackage, 'evr' | 'purl' | 'fileDigest'>;

const unknown = {
  license: null,
  supplier: null,
  summary: null,
  url: null,
  sourceRpm: null,
} as const;

function describe(header: RpmHeader): Described {
  const text = (tag: number): string | null => stringTag(header, tag)?.trim() || null;
  return {
    name: text(rpmTag.name) ?? '',
    epoch: numberTag(header, rpmTag.epoch) ?? 0,
    version: text(rpmTag.version) ?? '',
    release: text(rpmTag.release) ?? '',
    arch: text(rpmTag.arch) ?? 'noarch',
    license: text(rpmTag.license),
    supplier: text(rpmTag.vendor) ?? text(rpmTag.packager),
    summary: text(rpmTag.summary),
    url: text(rpmTag.url),
    sourceRpm: text(rpmTag.sourceRpm),
  };
}

function keyOf({ name, arch, epoch, version, release }: PackageIdentity): string {
  return [name, arch, epoch, version, release].join('\0');
}

function refIn(treefile: string): string | null {
  const { ref } = JSON.parse(treefile) as { ref?: unknown };
  return typeof ref === 'string' ? ref : null;
}
