// Two commits -> one document that says what an update from the first to the second brings to a host.

import { type Advisory, fixedAdvisories } from '../../lib/advisories.ts';
import type { DocumentHeader } from '../../lib/documents.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { numberTag, type RpmHeader, stringTag } from '../../lib/rpm/read.ts';
import { rpmTag } from '../../lib/rpm/tags.ts';
import { type EngineContext, engineContext } from '../context.ts';
import type { Commit } from '../repository/commit.ts';
import { resolveCommit } from '../repository/names.ts';
import { readRpmDatabase } from '../repository/rpm-database.ts';
import { listTree } from '../repository/tree-listing.ts';
import { nevra } from '../resolve/lock.ts';
import { readCommitAdvisories } from './advisories.ts';
import {
  compareFiles,
  comparePrivileges,
  type FileDifference,
  type PrivilegeChange,
  type Tree,
  totalSize,
} from './files.ts';
import { changelogOf, comparePackages, type DescribedPackage, type PackageDifference } from './packages.ts';
import {
  type AccountDifference,
  compareAccounts,
  compareUnits,
  readCommitAccounts,
  type UnitDifference,
} from './system.ts';

export interface ComparedCommit {
  readonly checksum: string;
  readonly version: string | null;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly packages: number;
  readonly files: number;
  /** Sum of all files in bytes. */
  readonly size: number;
}

export interface CommitDifference extends DocumentHeader {
  readonly kind: 'commit-difference';
  readonly version: 1;
  readonly before: ComparedCommit;
  readonly after: ComparedCommit;
  /** Security advisories that the newer commit fixes, the worst first. */
  readonly advisories: readonly Advisory[];
  readonly packages: PackageDifference;
  readonly users: AccountDifference;
  readonly groups: AccountDifference;
  readonly units: UnitDifference;
  /** Programs that gained, lost or changed rights beyond their caller's. */
  readonly privileges: readonly PrivilegeChange[];
  readonly files: FileDifference;
}

/**
 * @param before,after as `resolveCommit()` takes them
 * @throws UserError `repo-not-found`, `commit-not-found`, `version-ambiguous`
 */
export async function compareCommits(
  repo: string,
  before: string,
  after: string,
  tools: WorkerTools,
): Promise<CommitDifference> {
  const context = engineContext(tools);
  const [old, fresh] = await Promise.all([resolveCommit(repo, before), resolveCommit(repo, after)]);
  return tools.events.step('Compare the commits', async () => {
    const [left, right] = await Promise.all([read(repo, old, context), read(repo, fresh, context)]);
    return {
      kind: 'commit-difference',
      version: 1,
      before: left.summary,
      after: right.summary,
      advisories: fixedAdvisories(left.advised, right.advised),
      packages: comparePackages(left.packages, right.packages),
      users: compareAccounts(left.passwd, right.passwd, 'users'),
      groups: compareAccounts(left.group, right.group, 'groups'),
      units: compareUnits(left.tree, right.tree),
      privileges: comparePrivileges(left.tree, right.tree),
      files: compareFiles(left.tree, right.tree),
    };
  });
}

/** Everything of one commit that is compared. */
async function read(repo: string, commit: Commit, context: EngineContext) {
  const { checksum, version, timestamp } = commit;
  const [tree, headers] = await Promise.all([
    listTree(repo, checksum, context),
    readRpmDatabase(repo, checksum, context),
  ]);
  const accountsOf = (file: 'passwd' | 'group') => readCommitAccounts(repo, checksum, file);
  const packages = describe(commit, headers);
  const files = countFiles(tree);
  const summary: ComparedCommit = {
    checksum,
    version,
    timestamp,
    packages: packages.length,
    files,
    size: totalSize(tree),
  };
  const [passwd, group] = [await accountsOf('passwd'), await accountsOf('group')];
  const advised = { advisories: await readCommitAdvisories(repo, commit), packages: packages.map(nevra) };
  return { summary, tree, packages, advised, passwd, group };
}

// The package database says more; without one the commit's own list has to do.
function describe(commit: Commit, headers: readonly RpmHeader[]): DescribedPackage[] {
  if (headers.length === 0) return commit.packages.map((each) => ({ ...each, changelog: [] }));
  return headers.map((header) => ({
    name: stringTag(header, rpmTag.name) ?? '',
    epoch: numberTag(header, rpmTag.epoch) ?? 0,
    version: stringTag(header, rpmTag.version) ?? '',
    release: stringTag(header, rpmTag.release) ?? '',
    arch: stringTag(header, rpmTag.arch) ?? 'noarch', // public keys have none
    changelog: changelogOf(header),
  }));
}

function countFiles(tree: Tree): number {
  return tree
    .values()
    .filter((entry) => entry.type !== 'directory')
    .reduce((count) => count + 1, 0);
}
