// Promotes a commit: another ref gets the very same commit, without rebuilding, e.g. from `testing` to `stable`.

import { resolve } from 'node:path';
import type { WorkerTools } from '../../lib/namespace.ts';
import { engineContext } from '../context.ts';
import type { Signers } from '../publish/sign.ts';
import { changeWithSummary } from '../publish/summary.ts';
import { checkRefBinding } from '../repository/bindings.ts';
import { listRefs, resolveCommit } from '../repository/names.ts';
import { checkNewRef } from '../repository/ref-name.ts';
import { moveRef } from '../repository/refs.ts';

export interface PromoteResult {
  readonly kind: 'promoted-commit';
  readonly version: 1;
  readonly ref: string;
  readonly checksum: string;
  readonly commitVersion: string | null;
  /** What the ref named before, or null. */
  readonly previous: string | null;
}

/**
 * @param options.commit as `resolveCommit()` takes it
 * @throws UserError `usage`, `ref-in-the-way`, `commit-not-found`, `ref-binding`, `summary-signed`
 */
export async function promoteCommit(
  options: { repo: string; commit: string; to: string; signers: Signers },
  tools: WorkerTools,
): Promise<PromoteResult> {
  const context = engineContext(tools);
  const repo = resolve(options.repo);
  const refs = await listRefs(repo);
  checkNewRef(options.to, refs.keys());
  const commit = await resolveCommit(repo, options.commit);
  checkRefBinding(commit, options.to);
  const previous = refs.get(options.to) ?? null;
  const { checksum, version: commitVersion } = commit;
  // Also where the ref names it already: whoever moved it may have been killed before the summary told.
  await changeWithSummary(repo, options.signers, context, async () => {
    if (previous !== checksum) await moveRef(repo, options.to, checksum, context);
  });
  return { kind: 'promoted-commit', version: 1, ref: options.to, checksum, commitVersion, previous };
}
