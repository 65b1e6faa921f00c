// What people read: the status and the result of an operation as text. Pure.

import { advisorySeverities } from '../../lib/advisories.ts';
import type { OperationResult } from '../agent/events.ts';
import type { StateName } from '../agent/state.ts';
import type { AdvisoryEntry, DeploymentStatus, HostStatus } from '../agent/status.ts';

export function statusText(status: HostStatus): string {
  const lines = [`State: ${stateText[status.state]}`, `Boot counter: ${bootCounterText(status)}`];
  if (status.boot === 'fell-back') lines.push('Last boot: the default deployment did not start; fell back to this one');
  const update = status['cached-update'];
  if (update !== null) lines.push(`Newest version: ${nameOf(update)}`, ...fixesLines(update.advisories));
  for (const failed of status.failedDeployments) lines.push(`Did not start: ${nameOf(failed)}, at ${failed.failedAt}`);
  if (status.lastFailure !== null) lines.push(`Last failure: ${status.lastFailure.message} (${status.lastFailure.at})`);
  lines.push('Deployments:', ...status.deployments.map(deploymentText));
  return lines.join('\n');
}

export function resultText(result: OperationResult, rebooting: boolean): string {
  const name = nameOf(result);
  const then = rebooting ? 'rebooting now' : 'reboot to start it';
  switch (result.outcome) {
    case 'up-to-date':
      return `${name} is the newest`;
    case 'update-available':
      return result.refused
        ? `${name} is available, but did not start on this host before; \`slipway host upgrade --force\` installs it all the same`
        : `${name} is available; \`slipway host upgrade\` installs it`;
    case 'staged':
      return `${name} is installed; ${then}`;
    case 'already-staged':
      return `${name} was installed before; ${then}`;
    case 'rolled-back':
      return `${name} is the default again; ${then}`;
    case 'rollback-undone':
      return `the rollback is undone; ${name} stays the default`;
    case 'staged-dropped':
      return `the waiting upgrade is dropped; ${name} stays the default`;
  }
}

export const stateText: Readonly<Record<StateName, string>> = {
  idle: 'idle',
  checking: 'asking for the newest version',
  downloading: 'downloading',
  staging: 'installing beside the running version',
  staged: 'an upgrade waits for the reboot',
  'rolling-back': 'rolling back',
  reverted: 'another deployment waits for the reboot',
  rebooting: 'rebooting',
  failed: 'the last operation failed',
};

/** One line, or none when nothing is fixed. */
function fixesLines(advisories: readonly AdvisoryEntry[]): string[] {
  if (advisories.length === 0) return [];
  const counts = advisorySeverities.map((name, rank) => {
    const count = advisories.filter(([, , severity]) => severity === rank).length;
    return count === 0 ? [] : [`${count} ${name === 'none' ? 'of unknown severity' : name}`];
  });
  const what = advisories.length === 1 ? 'security advisory' : 'security advisories';
  return [`Fixes: ${advisories.length} ${what} (${counts.reverse().flat().join(', ')})`];
}

function bootCounterText({ bootCounter }: HostStatus): string {
  if (!bootCounter.supported) return 'none (no partition "bootenv"): no automatic fallback';
  if (bootCounter.triesLeft === null) return 'not counting';
  return `armed, ${bootCounter.triesLeft} tries left`;
}

function deploymentText(deployment: DeploymentStatus): string {
  const date =
    deployment.timestamp === null
      ? ''
      : ` (${new Date(deployment.timestamp * 1000).toISOString().replace('.000Z', 'Z')})`;
  const details = [
    ['Version', `${deployment.version ?? '-'}${date}`],
    ['Commit', deployment.checksum],
    ...(deployment.staged ? [['Staged', 'yes, for the next boot']] : []),
    ...(deployment.pinned ? [['Pinned', 'yes']] : []),
    ...(deployment.unlocked === 'none' ? [] : [['Unlocked', deployment.unlocked]]),
  ];
  const head = `${deployment.booted ? '●' : ' '} ${deployment.origin ?? deployment.osname}`;
  return [head, ...details.map(([key, value]) => `${`${key}:`.padStart(19)} ${value}`)].join('\n');
}

function nameOf(commit: { readonly version: string | null; readonly checksum: string }): string {
  return commit.version === null ? `commit ${commit.checksum.slice(0, 12)}` : `version ${commit.version}`;
}
