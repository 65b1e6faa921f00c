// `slipway host health`, before boot-complete.target: runs the health checks, which are the executables in the health.d folders. When one fails during
// a trial boot the host is rebooted, so that the boot counter runs out and the boot loader falls back; otherwise the host stays up to be looked at.

import { access, constants } from 'node:fs/promises';
import { mergedFolder } from '../config.ts';
import { readDeployments } from '../ostree/deployments.ts';
import type { HostPaths } from '../paths.ts';
import { run } from '../run.ts';
import { readBootCounter } from './boot-counter.ts';
import { reboot } from './reboot.ts';

export interface HealthReport {
  readonly checks: readonly { readonly file: string; readonly healthy: boolean; readonly message: string }[];
  readonly healthy: boolean;
  /** The trial boot was ended. */
  readonly rebooting: boolean;
}

/** Runs all checks one after the other, by name, also behind a failed one. */
export async function runHealthChecks(paths: HostPaths, timeoutMs: number): Promise<HealthReport> {
  const checks: HealthReport['checks'][number][] = [];
  for (const file of await mergedFolder(paths.healthFolders)) {
    if (!(await isExecutable(file))) continue;
    const message = await run([file], { timeoutMs }).then(
      () => '',
      (error: Error) => error.message,
    );
    checks.push({ file, healthy: message === '', message });
  }
  const healthy = checks.every((check) => check.healthy);
  const rebooting = !healthy && (await isTrialBoot(paths));
  if (rebooting) await reboot();
  return { checks, healthy, rebooting };
}

// Not when the boot loader has fallen back already: there is nothing better to reboot into.
async function isTrialBoot(paths: HostPaths): Promise<boolean> {
  const counter = await readBootCounter(paths.bootEnvironment);
  if (!counter.supported || counter.triesLeft === null) return false;
  const [entry] = (await readDeployments()).filter((deployment) => !deployment.staged);
  return entry?.booted ?? false;
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
