// The actions of the state table, done for real: each gives the event that comes next. An operation is one request with what was found out for it.

import { UserError } from '../../lib/errors.ts';
import { armBootCounter } from '../boot/boot-counter.ts';
import { readFailedDeployments } from '../boot/failed-deployments.ts';
import { reboot } from '../boot/reboot.ts';
import { readFixedAdvisories } from '../ostree/advisories.ts';
import { fetchNewest, parseOrigin } from '../ostree/check.ts';
import { type CommitInfo, type NewestCommit, readCommit } from '../ostree/commit.ts';
import { type Deployment, readDeployments } from '../ostree/deployments.ts';
import { rollbackTarget, setDefault } from '../ostree/set-default.ts';
import { downloadUpgrade, stageUpgrade } from '../ostree/upgrade.ts';
import type { HostPaths } from '../paths.ts';
import type { OperationResult, Outcome } from './events.ts';
import type { ActionName, EventName } from './state.ts';

export interface OperationRequest {
  readonly kind: 'upgrade' | 'rollback';
  /** Only ask whether there is an update. */
  readonly check?: boolean;
  /** Install a commit also when it failed to start before. */
  readonly force?: boolean;
  /** Reboot when the operation calls for it. */
  readonly reboot?: boolean;
}

export interface Operation {
  readonly request: OperationRequest;
  result?: OperationResult;
  /** What the remote offers, once asked. */
  newest?: NewestCommit;
}

export interface OperationTools {
  readonly paths: HostPaths;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Does one action; undefined when the next action decides. */
export async function perform(
  action: ActionName,
  operation: Operation,
  tools: OperationTools,
): Promise<EventName | undefined> {
  switch (action) {
    case 'check':
      return await check(operation, tools);
    case 'download':
      await downloadUpgrade(tools.signal, tools.onLine);
      return 'downloaded';
    case 'arm-boot-counter':
      await armBootCounter(tools.paths.bootEnvironment);
      return undefined;
    case 'stage':
      await stageUpgrade(tools.signal, tools.onLine);
      return await seenAfterStaging(operation);
    case 'set-default': {
      const { deployment, outcome } = rollbackTarget(await readDeployments(tools.signal));
      await setDefault(deployment.index, tools.onLine);
      operation.result = result(outcome, deployment);
      return await seen();
    }
    case 'reboot':
      await reboot();
      return undefined;
  }
}

/** The event that says what waits for the next boot. */
export function seenEvent(deployments: readonly Deployment[]): EventName {
  const [first] = deployments;
  if (first === undefined || first.booted) return 'seen-idle';
  return first.staged ? 'seen-staged' : 'seen-reverted';
}

export async function seen(): Promise<EventName> {
  return seenEvent(await readDeployments());
}

async function check(operation: Operation, tools: OperationTools): Promise<EventName> {
  const deployments = await readDeployments(tools.signal);
  const booted = deployments.find((deployment) => deployment.booted);
  if (booted === undefined) throw new UserError('not-an-ostree-host', 'this system was not booted from OSTree');
  const checksum = await fetchNewest(parseOrigin(booted.origin), tools.signal);
  const newest = await readCommit(checksum, tools.signal);
  operation.newest = {
    ...newest,
    advisories: await readFixedAdvisories(tools.paths.repo, booted.checksum, checksum),
  };
  const failed = (await readFailedDeployments(tools.paths.failedDeployments)).find((one) => one.checksum === checksum);
  const known =
    checksum === booted.checksum
      ? 'up-to-date'
      : deployments[0]?.staged && deployments[0].checksum === checksum
        ? 'already-staged'
        : undefined;
  if (known !== undefined || operation.request.check === true) {
    operation.result = result(known ?? 'update-available', newest, failed !== undefined);
    return seenEvent(deployments);
  }
  if (failed !== undefined && operation.request.force !== true) {
    throw new UserError(
      'update-refused',
      `${nameOf(newest)} did not start on this host at ${failed.failedAt} and is not installed again`,
      {
        hint: 'wait for a newer version, or install it all the same with --force',
      },
    );
  }
  return 'update-found';
}

async function seenAfterStaging(operation: Operation): Promise<EventName> {
  const deployments = await readDeployments();
  const [first] = deployments;
  if (first?.staged !== true) {
    throw new UserError('not-staged', 'ostree ended well but staged no deployment', {
      hint: '`journalctl -u slipway-hostd` shows what it said',
    });
  }
  operation.result = result('staged', first);
  return seenEvent(deployments);
}

function result(outcome: Outcome, of: { checksum: string; version: string | null }, refused = false): OperationResult {
  return { outcome, checksum: of.checksum, version: of.version, refused };
}

function nameOf(commit: CommitInfo): string {
  return commit.version === null ? `commit ${commit.checksum}` : `version ${commit.version}`;
}
