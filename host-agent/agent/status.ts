// The document that GET /v1/status and `slipway host status --json` give: the shape of `rpm-ostree status --json` where both know a thing, with
// the agent's own members beside it. Package layering does not exist here, so its members are left out.

import { type Advisory, advisorySeverities } from '../../lib/advisories.ts';
import type { BootCounter } from '../boot/boot-counter.ts';
import type { BootVerdict } from '../boot/boot-success.ts';
import type { FailedDeployment } from '../boot/failed-deployments.ts';
import type { CommitInfo, NewestCommit } from '../ostree/commit.ts';
import type { Deployment } from '../ostree/deployments.ts';
import type { StateName } from './state.ts';
import type { Failure } from './state-file.ts';

export interface DeploymentStatus {
  /** `OSNAME-CHECKSUM.SERIAL` */
  readonly id: string;
  readonly osname: string;
  readonly serial: number;
  readonly checksum: string;
  readonly version: string | null;
  /** Seconds since 1970. */
  readonly timestamp: number | null;
  readonly origin: string | null;
  readonly booted: boolean;
  readonly staged: boolean;
  readonly pinned: boolean;
  readonly unlocked: Deployment['unlocked'];
  readonly 'base-commit-meta': Readonly<Record<string, string>>;
}

/** Id, kind (1: security), severity (0 unknown to 4 critical), packages, and bug reports as pairs of address and title. */
export type AdvisoryEntry = readonly [
  id: string,
  kind: 1,
  severity: number,
  packages: readonly string[],
  details: { readonly cve_references: readonly (readonly [url: string, title: string])[] },
];

export interface CachedUpdate extends CommitInfo {
  readonly origin: string | null;
  /** What the update fixes, the worst first. */
  readonly advisories: readonly AdvisoryEntry[];
}

export interface HostStatus {
  readonly kind: 'host-status';
  readonly version: 1;
  /** Boot order; the first one that is not staged is the boot loader's default. */
  readonly deployments: readonly DeploymentStatus[];
  /** `[method, sender, path]` while an operation runs. */
  readonly transaction: readonly [method: string, sender: string, path: string] | null;
  /** The newest commit that the last check of this boot found, when it is not booted. */
  readonly 'cached-update': CachedUpdate | null;
  readonly 'update-driver': { readonly 'driver-name': 'slipway'; readonly 'driver-sd-unit': 'slipway-hostd.service' };
  readonly state: StateName;
  readonly lastFailure: Failure | null;
  readonly bootCounter: BootCounter;
  /** How this boot was judged; null until boot-complete.target is reached. */
  readonly boot: BootVerdict['outcome'] | null;
  /** Commits that did not start on this host: `upgrade` installs them only when forced. */
  readonly failedDeployments: readonly FailedDeployment[];
}

export interface StatusFacts {
  readonly deployments: readonly Deployment[];
  readonly commits: ReadonlyMap<string, CommitInfo>;
  readonly state: StateName;
  /** The running operation. */
  readonly operation: string | null;
  readonly newest: NewestCommit | null;
  readonly lastFailure: Failure | null;
  readonly bootCounter: BootCounter;
  readonly boot: BootVerdict['outcome'] | null;
  readonly failedDeployments: readonly FailedDeployment[];
}

/** Pure. */
export function hostStatus(facts: StatusFacts): HostStatus {
  const booted = facts.deployments.find((deployment) => deployment.booted);
  const news = facts.newest?.checksum === booted?.checksum ? null : facts.newest;
  return {
    kind: 'host-status',
    version: 1,
    deployments: facts.deployments.map((deployment) => deploymentStatus(deployment, facts.commits)),
    transaction: facts.operation === null ? null : [facts.operation, '', `/v1/${facts.operation}`],
    'cached-update': news === null ? null : cachedUpdate(news, booted?.origin ?? null),
    'update-driver': { 'driver-name': 'slipway', 'driver-sd-unit': 'slipway-hostd.service' },
    state: facts.state,
    lastFailure: facts.lastFailure,
    bootCounter: facts.bootCounter,
    boot: facts.boot,
    failedDeployments: facts.failedDeployments,
  };
}

function cachedUpdate({ advisories, ...commit }: NewestCommit, origin: string | null): CachedUpdate {
  return { ...commit, origin, advisories: advisories.map(advisoryEntry) };
}

function advisoryEntry({ id, severity, packages, cveReferences }: Advisory): AdvisoryEntry {
  const references = cveReferences.map(({ url, title }) => [url, title] as const);
  return [id, 1, advisorySeverities.indexOf(severity), packages, { cve_references: references }];
}

function deploymentStatus(deployment: Deployment, commits: ReadonlyMap<string, CommitInfo>): DeploymentStatus {
  const { osname, serial, checksum, version, origin, booted, staged, pinned, unlocked } = deployment;
  return {
    id: `${osname}-${checksum}.${serial}`,
    osname,
    serial,
    checksum,
    version,
    timestamp: commits.get(checksum)?.timestamp ?? null,
    origin,
    booted,
    staged,
    pinned,
    unlocked,
    'base-commit-meta': version === null ? {} : { version },
  };
}
