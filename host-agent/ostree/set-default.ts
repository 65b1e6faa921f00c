// Makes another deployment the boot loader's default. libostree swaps one link; a staged deployment is dropped by it.

import { UserError } from '../../lib/errors.ts';
import { run } from '../run.ts';
import type { Deployment } from './deployments.ts';

export function setDefaultArgv(index: number): readonly string[] {
  return ['ostree', 'admin', 'set-default', String(index)];
}

export async function setDefault(index: number, onLine: (line: string) => void = () => {}): Promise<void> {
  await run(setDefaultArgv(index), { onLine });
}

export interface RollbackTarget {
  readonly deployment: Deployment;
  readonly outcome: 'rolled-back' | 'rollback-undone' | 'staged-dropped';
}

/**
 * What `rollback` means now: drop a staged upgrade, else undo a rollback that waits for its reboot, else go back to the deployment after
 * the booted one.
 * @throws UserError `nothing-to-roll-back`
 */
export function rollbackTarget(deployments: readonly Deployment[]): RollbackTarget {
  const booted = deployments.find((deployment) => deployment.booted);
  const written = deployments.filter((deployment) => !deployment.staged);
  if (booted !== undefined) {
    if (written.length < deployments.length) return { deployment: booted, outcome: 'staged-dropped' };
    if (written[0] !== booted) return { deployment: booted, outcome: 'rollback-undone' };
    const previous = written.find((deployment) => !deployment.booted && deployment.osname === booted.osname);
    if (previous !== undefined) return { deployment: previous, outcome: 'rolled-back' };
  }
  throw new UserError('nothing-to-roll-back', 'there is no other deployment to go back to', {
    hint: 'the first upgrade keeps the present deployment for a rollback',
  });
}
