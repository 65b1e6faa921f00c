// Makes the initramfs with the tree's own dracut, or takes it from the cache. The key covers everything that dracut could read or look
// for: also what is absent counts, because its modules probe for programs. It is therefore made of whole folders (initramfs-inputs.ts), not
// of the packages that ended up in the image.

import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, stepId } from '../../lib/documents.ts';
import type { StepHandle } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { cachedCommit, type PackageCache } from '../packages/cache.ts';
import type { EnginePackage } from '../packages/package.ts';
import { treePath } from '../packages/paths.ts';
import { type FileFilter, isWanted } from '../packages/wanted.ts';
import type { PlannedLayer } from '../plan.ts';
import { initramfsInputs } from './initramfs-inputs.ts';
import { sandboxArgv } from './sandbox.ts';
import { describeUpper } from './upper.ts';

/** Counts up when the image is made in another way. */
const initramfsVersion = 2;

export interface InitramfsRequest {
  readonly kernelVersion: string;
  /** Extra arguments of dracut. */
  readonly arguments: readonly string[];
  readonly packages: readonly EnginePackage[];
  /** Which of the packages' files were checked out. */
  readonly filter: FileFilter;
  readonly layers: readonly PlannedLayer[];
  /** The merged tree and the overlay's upper folder. */
  readonly root: string;
  readonly upper: string;
  /** Empty work folder. */
  readonly folder: string;
}

/** @returns the commit in the cache whose tree holds `initramfs.img` */
export async function makeInitramfs(
  request: InitramfsRequest,
  cache: PackageCache,
  context: EngineContext,
  step: StepHandle,
): Promise<string> {
  const ref = `slipway/initramfs/${initramfsKey(request)}`;
  const known = await cachedCommit(cache, ref);
  if (known !== null) {
    step.reused();
    return known;
  }
  const result = join(request.folder, 'result');
  await mkdir(result, { recursive: true });
  await run(
    sandboxArgv(
      { root: request.root, writable: false, environment: dracutEnvironment, readWrite: { [result]: '/run/slipway' } },
      dracutArgv(request),
    ),
    context.runOptions,
  );
  const commit = await run(
    ['ostree', `--repo=${cache.repo}`, 'commit', `--branch=${ref}`, ...importOptions, `--tree=dir=${result}`],
    context.runOptions,
  );
  return commit.stdout.trim();
}

const importOptions = ['--no-bindings', '--parent=none', '--timestamp=@0', '--fsync=0', '--no-xattrs'];

/** The time is fixed, so that a new date alone does not make a new image; device nodes cannot be made without real root. */
export const dracutEnvironment = { SOURCE_DATE_EPOCH: '1', DRACUT_NO_MKNOD: '1', DRACUT_NO_XATTR: '1' };

export function dracutArgv(request: Pick<InitramfsRequest, 'kernelVersion' | 'arguments'>): string[] {
  return [
    ...['dracut', '--quiet', '--force', '--no-hostonly', '--no-hostonly-cmdline', '--reproducible'],
    ...['--add', 'ostree', '--tmpdir', '/tmp', '--kver', request.kernelVersion],
    ...request.arguments,
    '/run/slipway/initramfs.img',
  ];
}

function initramfsKey(request: InitramfsRequest): string {
  const counts = initramfsInputs(request.root, request.arguments);
  const packaged = request.packages
    .flatMap((each) => each.files)
    .filter((file) => isWanted(file, request.filter))
    .map((file) => ({ ...file, path: treePath(file.path).slice(1) }))
    .filter((file) => counts(file.path))
    .map((file) => `${file.path}\0${file.mode}\0${file.digest}\0${file.linkTarget}`);
  const changed = describeUpper(request.upper, counts);
  return stepId('initramfs', {
    argv: dracutArgv(request),
    environment: dracutEnvironment,
    initramfsVersion,
    packaged: sha256([...new Set(packaged)].sort().join('\n')),
    changed: sha256(changed.join('\n')),
    layers: request.layers.length === 0 ? undefined : request.layers,
  });
}

/** Moves the image into the tree as a link into the cache, so that the commit need not read it. */
export async function placeInitramfs(
  commit: string,
  cache: PackageCache,
  kernelFolder: string,
  folder: string,
  context: EngineContext,
): Promise<void> {
  const checkout = join(folder, 'checkout');
  await run(
    ['ostree', `--repo=${cache.repo}`, 'checkout', '--require-hardlinks', '--fsync=0', commit, checkout],
    context.runOptions,
  );
  for (const name of await readdir(checkout)) await rename(join(checkout, name), join(kernelFolder, name));
}
