// Deployments that did not start on this host, so that `upgrade` does not install the same commit again and again.

import { type DocumentHeader, readDocument, writeDocument } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';

export interface FailedDeployment {
  readonly checksum: string;
  readonly version: string | null;
  /** ISO 8601, UTC. */
  readonly failedAt: string;
}

interface FailedDeployments extends DocumentHeader {
  readonly kind: 'failed-deployments';
  readonly version: 1;
  readonly deployments: readonly FailedDeployment[];
}

/** A damaged file counts as empty: forgetting a failure costs one more fallback, refusing all upgrades would cost the host. */
export async function readFailedDeployments(file: string): Promise<readonly FailedDeployment[]> {
  try {
    return (await readDocument<FailedDeployments>(file, 'failed-deployments', 1)).deployments;
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

export async function rememberFailedDeployment(file: string, failed: FailedDeployment): Promise<void> {
  const others = (await readFailedDeployments(file)).filter((known) => known.checksum !== failed.checksum);
  await write(file, [...others, failed]);
}

/** For a deployment that has started after all. */
export async function forgetFailedDeployment(file: string, checksum: string): Promise<void> {
  const known = await readFailedDeployments(file);
  const others = known.filter((failed) => failed.checksum !== checksum);
  if (others.length < known.length) await write(file, others);
}

async function write(file: string, deployments: readonly FailedDeployment[]): Promise<void> {
  const document: FailedDeployments = { kind: 'failed-deployments', version: 1, deployments };
  await writeDocument(file, document);
}
