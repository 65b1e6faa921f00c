// Publishes a commit: repository of composes -> archive repository that any web server can serve. The ref moves only when every object,
// signature and delta is there, so an interrupted publish is harmless and the next one completes it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/files.ts';
import type { WorkerTools } from '../../lib/namespace.ts';
import { run } from '../../lib/run.ts';
import { type EngineContext, engineContext } from '../context.ts';
import { checkRefBinding } from '../repository/bindings.ts';
import type { Commit } from '../repository/commit.ts';
import { copyCommit } from '../repository/copy-commit.ts';
import { refuseForeignFolder } from '../repository/foreign-folder.ts';
import { assertRepository, listRefs, resolveCommit } from '../repository/names.ts';
import { checkNewRef } from '../repository/ref-name.ts';
import { moveRef } from '../repository/refs.ts';
import { gpgSignCommit, type Signers, signCommitEd25519 } from './sign.ts';
import { requireSummaryKeys, writeSummary } from './summary.ts';

export interface PublishOptions {
  readonly repo: string;
  readonly ref: string;
  /** Commit, as `resolveCommit()` takes it. Default: what the ref names in `repo`. */
  readonly commit?: string;
  /** Archive repository; made when missing. */
  readonly to: string;
  /** Also makes the difference to the commit that was published before, for quick updates. */
  readonly delta: boolean;
  readonly signers: Signers;
}

export interface PublishResult {
  readonly kind: 'published-commit';
  readonly version: 1;
  readonly ref: string;
  readonly checksum: string;
  readonly commitVersion: string | null;
  /** What the ref named in the archive before, or null. */
  readonly previous: string | null;
  readonly to: string;
  readonly delta: boolean;
  readonly signatures: readonly ('gpg' | 'ed25519')[];
}

/** @throws UserError `repo-not-found`, `usage`, `ref-in-the-way`, `commit-not-found`, `repo-mode`, `ref-binding`, `summary-signed` */
export async function publishToArchive(options: PublishOptions, tools: WorkerTools): Promise<PublishResult> {
  const context = engineContext(tools);
  const { events } = context;
  const { repo, ref, to, signers } = options;
  assertRepository(repo);
  const commit = await resolveCommit(repo, options.commit ?? ref);
  checkRefBinding(commit, ref);
  checkNewRef(ref, existsSync(join(to, 'config')) ? (await listRefs(to)).keys() : []);
  await ensureArchive(to, context);
  await requireSummaryKeys(to, signers, context);
  const previous = (await listRefs(to)).get(ref) ?? null;

  await events.step('Copy objects', () => copyCommit(repo, to, commit.checksum, context));
  if (signatureNames(signers).length > 0) {
    await events.step('Sign the commit', async (step) => {
      if (signers.gpg !== null) await gpgSignCommit(to, commit.checksum, signers.gpg, context);
      await signCommitEd25519(to, commit.checksum, signers.ed25519);
      step.detail(signatureNames(signers).join(' and '));
    });
  }
  const from = options.delta && previous !== commit.checksum ? previous : null;
  if (from !== null) {
    await events.step('Make a static delta', () => run(deltaArgv(to, from, commit), context.runOptions));
  }
  await moveRef(to, ref, commit.checksum, context);
  await events.step('Write the summary', () => writeSummary(to, signers, context));
  return {
    kind: 'published-commit',
    version: 1,
    ref,
    checksum: commit.checksum,
    commitVersion: commit.version,
    previous,
    to,
    delta: from !== null,
    signatures: signatureNames(signers),
  };
}

export function deltaArgv(repo: string, from: string, { checksum }: Pick<Commit, 'checksum'>): string[] {
  return [
    'ostree',
    `--repo=${repo}`,
    'static-delta',
    'generate',
    '--if-not-exists',
    `--from=${from}`,
    `--to=${checksum}`,
  ];
}

// zlib at level 1: level 6, OSTree's default, takes about three times as long for 6 % less; docs/publishing.md has figures.
async function ensureArchive(path: string, context: EngineContext): Promise<void> {
  if (existsSync(join(path, 'config'))) {
    const { stdout } = await run(['ostree', `--repo=${path}`, 'config', 'get', 'core.mode'], context.runOptions);
    if (['archive', 'archive-z2'].includes(stdout.trim())) return;
    throw new UserError('repo-mode', `${path} is a ${stdout.trim()} repository, web servers need an archive one`, {
      hint: 'name another folder; it is made when missing',
    });
  }
  await refuseForeignFolder(path);
  await makeFolder(path);
  await run(['ostree', `--repo=${path}`, 'init', '--mode=archive'], context.runOptions);
  await run(['ostree', `--repo=${path}`, 'config', 'set', 'archive.zlib-level', '1'], context.runOptions);
}

function signatureNames({ gpg, ed25519 }: Signers): PublishResult['signatures'] {
  return [...(gpg === null ? [] : (['gpg'] as const)), ...(ed25519.length === 0 ? [] : (['ed25519'] as const))];
}
