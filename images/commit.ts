// Reads what an image needs to know of a commit, and refuses one that cannot boot where it has to.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { nearestNames } from '../lib/near-miss.ts';
import { type RunOptions, run } from '../lib/run.ts';

export interface ImageCommit {
  /** Absolute path of the repository. */
  readonly repo: string;
  readonly ref: string;
  readonly checksum: string;
  /** The commit's `version`; null when it has none. */
  readonly version: string | null;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Kernel release, e.g. `6.12.107+deb13-cloud-amd64`; null in a tree that never boots (`container: true`). */
  readonly kernel: string | null;
}

type Tools = Pick<RunOptions, 'events' | 'signal'>;

/**
 * The commit that `ref` names now.
 * @throws UserError `repo-missing`, `ref-missing` (with the nearest refs), `repo-unreadable`, `commit-not-bootable` for two kernels
 */
export async function readCommit(repo: string, ref: string, tools: Tools): Promise<ImageCommit> {
  await requireRepo(repo);
  const ostree = async (...args: string[]): Promise<string> =>
    (await run(['ostree', `--repo=${repo}`, ...args], tools)).stdout;
  const refs = (await ostree('refs')).split('\n').filter((line) => line !== '');
  if (!refs.includes(ref)) throw missingRef(repo, ref, refs);
  const checksum = (await ostree('rev-parse', ref)).trim();
  const [shown, kernel] = await Promise.all([ostree('show', checksum), findKernel(repo, ref, checksum, tools)]);
  return { repo, ref, checksum, kernel, ...parseShownCommit(shown) };
}

/** @throws UserError `commit-not-bootable` */
export function requireKernel({ ref, kernel }: ImageCommit): void {
  if (kernel === null) throw notBootable(ref, 'it has no kernel at /usr/lib/modules/KVER/vmlinuz');
}

/** Version and time out of `ostree show`. */
export function parseShownCommit(text: string): Pick<ImageCommit, 'version' | 'timestamp'> {
  const [head = ''] = text.split('\n\n', 1); // the subject below could hold anything
  const date = /^Date:\s+(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/m.exec(head);
  if (date === null) throw new Error(`ostree show gives no date:\n${head}`);
  return {
    version: /^Version: (.*)$/m.exec(head)?.[1] ?? null,
    timestamp: Date.parse(`${date[1]}T${date[2]}${date[3]}:${date[4]}`) / 1000,
  };
}

/** Bytes of all files in the commit; used only to say how much room is needed. */
export async function commitContentBytes({ repo, checksum }: ImageCommit, tools: Tools): Promise<number> {
  const { stdout } = await run(['ostree', `--repo=${repo}`, 'ls', '-R', checksum], tools);
  return stdout.split('\n').reduce((sum, line) => sum + Number(/^-\S+ \d+ \d+\s+(\d+) /.exec(line)?.[1] ?? 0), 0);
}

async function requireRepo(repo: string): Promise<void> {
  const isRepo = await Promise.all([stat(join(repo, 'objects')), stat(join(repo, 'config'))]).then(
    ([objects]) => objects.isDirectory(),
    () => false,
  );
  if (isRepo) return;
  throw new UserError('repo-missing', `${repo} is not an OSTree repository`, {
    hint: 'compose a tree first: slipway compose tree TREEFILE --repo REPO',
  });
}

function missingRef(repo: string, ref: string, refs: readonly string[]): UserError {
  const nearest = nearestNames(ref, refs);
  const names = (nearest.length > 0 ? nearest : refs.slice(0, 5)).map((name) => `"${name}"`).join(', ');
  return new UserError('ref-missing', `${repo} has no ref "${ref}"`, {
    hint:
      refs.length === 0 ? 'it has no refs at all' : nearest.length > 0 ? `did you mean ${names}?` : `it has ${names}`,
  });
}

// OSTree deploys the kernel of usr/lib/modules/KVER/vmlinuz with the initramfs beside it.
async function findKernel(repo: string, ref: string, checksum: string, tools: Tools): Promise<string | null> {
  const list = async (path: string): Promise<string[]> => {
    const argv = ['ostree', `--repo=${repo}`, 'ls', '--nul-filenames-only', checksum, path];
    const { stdout, stderr, exitCode } = await run(argv, { ...tools, okExitCodes: [0, 1] });
    if (exitCode !== 0 && !stderr.includes('No such file or directory')) throw unreadable(repo, stderr);
    return stdout.split('\0').filter((name) => name !== '' && name !== path);
  };
  const kernels: string[] = [];
  for (const folder of await list('/usr/lib/modules')) {
    const files = await list(folder);
    if (files.includes(`${folder}/vmlinuz`)) kernels.push(folder.slice('/usr/lib/modules/'.length));
  }
  if (kernels.length <= 1) return kernels[0] ?? null;
  throw notBootable(ref, `it has ${kernels.length} kernels (${kernels.join(', ')}), OSTree deploys exactly one`);
}

function notBootable(ref: string, problem: string): UserError {
  return new UserError('commit-not-bootable', `the commit of "${ref}" cannot boot: ${problem}`, {
    hint: 'let the treefile install one kernel package and compose it again',
  });
}

function unreadable(repo: string, said: string): UserError {
  return new UserError('repo-unreadable', `${repo} cannot be read: ${said.trim().replace(/^error: /, '')}`, {
    hint: said.includes('Permission denied')
      ? 'it was written by another user: run as that user, or make its files readable'
      : 'check it with ostree fsck',
  });
}
