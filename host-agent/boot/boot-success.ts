// `slipway host boot-success`, once per boot behind boot-complete.target: the booted deployment works. Ends its trial, or, when GRUB fell back to it,
// makes it the default and remembers the one that failed.

import { access } from 'node:fs/promises';
import { type DocumentHeader, readDocument, writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { type Deployment, readDeployments } from '../ostree/deployments.ts';
import { setDefault } from '../ostree/set-default.ts';
import type { HostPaths } from '../paths.ts';
import { armBootCounter, type BootCounter, clearBootCounter, readBootCounter } from './boot-counter.ts';
import { forgetFailedDeployment, rememberFailedDeployment } from './failed-deployments.ts';

export type BootVerdict =
  | { readonly outcome: 'good' }
  /** The default did not start and GRUB took the other entry. */
  | { readonly outcome: 'fell-back'; readonly failed: Deployment }
  /** Somebody chose another entry in the boot menu: the default stays. */
  | { readonly outcome: 'chosen-by-hand' };

export interface BootVerdictDocument extends DocumentHeader {
  readonly kind: 'boot-verdict';
  readonly version: 1;
  readonly outcome: BootVerdict['outcome'];
}

/** Pure. GRUB only leaves the default by itself while it counts, so a counter tells a fallback from a choice by hand. */
export function judgeBoot(deployments: readonly Deployment[], counter: BootCounter): BootVerdict {
  const [entry] = deployments.filter((deployment) => !deployment.staged);
  if (entry === undefined || entry.booted) return { outcome: 'good' };
  const counting = counter.supported && counter.triesLeft !== null;
  return counting ? { outcome: 'fell-back', failed: entry } : { outcome: 'chosen-by-hand' };
}

/** Judges this boot and acts on it; undefined when that was done before in this boot. */
export async function markBootGood(paths: HostPaths): Promise<BootVerdict | undefined> {
  if ((await readBootVerdict(paths.bootVerdict)) !== null) return undefined;
  const deployments = await readDeployments();
  const booted = deployments.find((deployment) => deployment.booted);
  if (booted === undefined) throw new UserError('not-an-ostree-host', 'this system was not booted from OSTree');
  const verdict = judgeBoot(deployments, await readBootCounter(paths.bootEnvironment));
  if (verdict.outcome === 'fell-back') {
    // In this order a power cut at any point leaves a default that is good or is counted.
    await armBootCounter(paths.bootEnvironment);
    await rememberFailedDeployment(paths.failedDeployments, {
      checksum: verdict.failed.checksum,
      version: verdict.failed.version,
      failedAt: new Date().toISOString(),
    });
    await setDefault(booted.index);
  } else {
    await forgetFailedDeployment(paths.failedDeployments, booted.checksum);
  }
  if (!(await exists(paths.stagedDeployment))) await clearBootCounter(paths.bootEnvironment);
  const document: BootVerdictDocument = { kind: 'boot-verdict', version: 1, outcome: verdict.outcome };
  await writeDocument(paths.bootVerdict, document);
  return verdict;
}

/** How this boot was judged; null while it is not. */
export async function readBootVerdict(file: string): Promise<BootVerdict['outcome'] | null> {
  if (!(await exists(file))) return null;
  return (await readDocument<BootVerdictDocument>(file, 'boot-verdict', 1)).outcome;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
