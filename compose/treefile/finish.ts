// FlatTreefile -> Treefile: every default filled, every path absolute.

import { listAddedFiles } from './added-files.ts';
import { findBeside, findScript, listFinalizeScripts, listRepoFiles } from './companion-files.ts';
import type { ListKey, MapKey, ScalarKey } from './declare.ts';
import type { FlatTreefile } from './flatten.ts';
import * as commit from './keys/commit.ts';
import * as files from './keys/files.ts';
import * as identity from './keys/identity.ts';
import * as packages from './keys/packages.ts';
import * as system from './keys/system.ts';
import * as users from './keys/users.ts';
import type { Traced } from './layer.ts';
import type { Problems } from './problems.ts';
import { treePath } from './tree-path.ts';
import type { IdCheck, Treefile } from './treefile.ts';
import type { WrittenId, WrittenIdCheck } from './types/ids.ts';

/** Makes the document; reports into `problems` what the disk does not have. The result is only good when nothing was reported. */
export async function finishTreefile(flat: FlatTreefile, problems: Problems): Promise<Treefile> {
  const { values } = flat;
  const optional = <T>(key: ScalarKey<T>): T | null => values.scalar(key)?.value ?? null;
  const withDefault = <T>(key: ScalarKey<T>): T => values.scalar(key)?.value ?? (key.default as T);
  const items = <T>(key: ListKey<T>): T[] => (values.list(key) ?? []).map(({ value }) => value);
  const union = (key: ListKey<string>): string[] => [...new Set(items(key))].sort();
  const unique = (key: ListKey<string>): string[] => [...new Set(items(key))];
  const members = <T>(key: MapKey<T>): Record<string, T> =>
    Object.fromEntries([...(values.map(key) ?? [])].map(([name, { value }]) => [name, value]));

  const ref = optional(identity.ref);
  if (ref === null && !problems.hasErrors)
    problems.error(
      'missing-ref',
      `${flat.tree.file} has no "ref"`,
      undefined,
      'write ref: and the name of the branch to compose',
    );
  const release = optional(identity.releasever);
  return {
    kind: 'treefile',
    version: 1,
    file: flat.file,
    ref: ref ?? '',
    basearch: flat.basearch,
    releasever: release === null ? null : String(release),
    edition: withDefault(identity.edition),

    repos: unique(packages.repos),
    lockfileRepos: unique(packages.lockfileRepos),
    repoFiles: await listRepoFiles(flat),
    repovars: members(packages.repovars),

    packages: union(packages.packages),
    excludePackages: unique(packages.excludePackages),
    repoPackages: items(packages.repoPackages),
    recommends: withDefault(packages.recommends),
    documentation: withDefault(packages.documentation),
    installLangs: unique(packages.installLangs),
    ignoreScriptlets: items(packages.ignoreScriptlets).map((each) => ({ ...each, run: each.run ?? true })),
    readonlyExecutables: withDefault(system.readonlyExecutables),
    ima: withDefault(system.ima),
    platformModule: optional(packages.platformModule),

    automaticVersionPrefix: optional(identity.automaticVersionPrefix),
    automaticVersionSuffix: withDefault(identity.automaticVersionSuffix),
    mutateOsRelease: optional(identity.mutateOsRelease),

    container: withDefault(system.container),
    selinux: withDefault(system.selinux),
    selinuxLabelVersion: withDefault(system.selinuxLabelVersion),
    ignoreDevices: withDefault(system.ignoreDevices),
    sysusers: withDefault(users.sysusers),
    bootLocation: withDefault(system.bootLocation),
    tmpIsDir: withDefault(system.tmpIsDir),
    machineidCompat: withDefault(system.machineidCompat),
    optUsrlocal: withDefault(system.optUsrlocal),
    rpmdb: withDefault(system.rpmdb),
    rpmdbNormalize: withDefault(system.rpmdbNormalize),
    units: unique(system.units),
    defaultTarget: optional(system.defaultTarget),
    initramfsArgs: items(system.initramfsArgs),
    noInitramfs: withDefault(system.noInitramfs),
    cliwrap: withDefault(system.cliwrap),
    cliwrapBinaries: unique(system.cliwrapBinaries),

    etcGroupMembers: unique(users.etcGroupMembers),
    preservePasswd: withDefault(users.preservePasswd),
    checkPasswd: finishIdCheck(values.scalar(users.checkPasswd), problems),
    checkGroups: finishIdCheck(values.scalar(users.checkGroups), problems),
    ignoreRemovedUsers: union(users.ignoreRemovedUsers),
    ignoreRemovedGroups: union(users.ignoreRemovedGroups),
    pinUsers: finishIds(members(users.pinUsers)),
    pinGroups: finishIds(members(users.pinGroups)),
    failOnNewUsers: withDefault(users.failOnNewUsers),

    ostreeLayers: unique(packages.ostreeLayers),
    ostreeOverrideLayers: unique(packages.ostreeOverrideLayers),
    addFiles: await listAddedFiles(values.list(files.addFiles) ?? [], problems),
    removeFiles: items(files.removeFiles).map(treePath),
    removeFromPackages: items(files.removeFromPackages).map(([name, ...patterns]) => ({ package: name!, patterns })),
    postprocess: items(files.postprocess),
    postprocessScript: findScript(values.scalar(files.postprocessScript), problems),
    finalizeScripts: await listFinalizeScripts(flat.layers),

    metadata: members(identity.metadata),
    addCommitMetadata: members(commit.addCommitMetadata),
    repoMetadata: withDefault(commit.repoMetadata),
    advisoriesMetadata: withDefault(commit.advisoriesMetadata),
    gpgKey: optional(commit.gpgKey),
    containerCmd: optional(commit.containerCmd),
    rojig: optional(identity.rojig),
    variables: Object.fromEntries([...flat.variables].map(([name, { value }]) => [name, value])),
  };
}

function finishIdCheck(written: Traced<WrittenIdCheck> | undefined, problems: Problems): IdCheck {
  const check = written?.value ?? { type: 'previous' };
  switch (check.type) {
    case 'none':
    case 'previous':
      return { type: check.type };
    case 'file':
      return { type: 'file', filename: findBeside(check.filename, written!, problems) };
    case 'data':
      return { type: 'data', entries: finishIds(check.entries) };
  }
}

function finishIds(ids: Readonly<Record<string, WrittenId>>): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, typeof id === 'number' ? [id] : id]));
}
