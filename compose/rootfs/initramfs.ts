// Makes the initramfs with the tree's own dracut, or takes it from the cache when everything that dracut looked at is as it was: also
// what it looked for in vain, because its modules probe for programs. docs/decisions/0003-results.md.

import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, stepId } from '../../lib/documents.ts';
import type { StepHandle } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import type { EngineContext } from '../context.ts';
import { cachedCommit, type PackageCache } from '../packages/cache.ts';
import { firstDifference, observe } from './results/observe.ts';
import type { OverlayTree } from './results/overlay-tree.ts';
import { type ResultDocument, type ResultStore, resultStore } from './results/store.ts';
import { type TreeView, treeView } from './results/tree-view.ts';
import { sandboxArgv } from './sandbox.ts';
import type { Tracer } from './trace/tracer.ts';

/** Counts up when the image is made in another way. */
const initramfsVersion = 4;

export interface InitramfsRequest {
  readonly kernelVersion: string;
  /** Extra arguments of dracut. */
  readonly arguments: readonly string[];
  /** What dracut sees, and cannot change. */
  readonly tree: OverlayTree;
  /** Empty work folder. */
  readonly folder: string;
  /** Where results are kept. */
  readonly storeFolder: string;
}

interface InitramfsResult extends ResultDocument {
  readonly kind: 'initramfs-result';
  /** SHA-256 of the image. */
  readonly image: string;
}

/** @returns the commit in the cache whose tree holds `initramfs.img` */
export async function makeInitramfs(
  request: InitramfsRequest,
  tracer: Tracer,
  cache: PackageCache,
  context: EngineContext,
  step: StepHandle,
): Promise<string> {
  const { tree } = request;
  const id = stepId('initramfs', { argv: dracutSandbox('/', '/', request), initramfsVersion });
  const store = resultStore<InitramfsResult>(request.storeFolder, 'initramfs-result');
  const view = treeView(tree.lower, tree.readUpper());
  const known = await knownImage(store, id, view, cache, context);
  if (known !== null) {
    step.reused();
    return known;
  }
  const folder = join(request.folder, 'result');
  await mkdir(folder, { recursive: true });
  const { trace } = await tracer.run(dracutSandbox(tree.merged, folder, request), {});
  const image = sha256(await readFile(join(folder, 'initramfs.img')));
  const commit = await run(
    ['ostree', `--repo=${cache.repo}`, 'commit', `--branch=${refOf(image)}`, ...importOptions, `--tree=dir=${folder}`],
    context.runOptions,
  );
  if (trace?.complete) {
    const seen = observe(trace, { before: view, after: view });
    store.add(id, { kind: 'initramfs-result', version: 1, seen, image });
  }
  return commit.stdout.trim();
}

/** Results whose image is gone from the cache, or that were made from another tree, are passed over. */
async function knownImage(
  store: ResultStore<InitramfsResult>,
  id: string,
  view: TreeView,
  cache: PackageCache,
  { events }: EngineContext,
): Promise<string | null> {
  for (const { result, markUsed } of store.find(id)) {
    const different = firstDifference(result.seen, view);
    if (different !== null) events.debug(`dracut runs: /${different} is not as it was`);
    const commit = different === null ? cachedCommit(cache, refOf(result.image)) : null;
    if (commit === null) continue;
    markUsed();
    return commit;
  }
  return null;
}

function refOf(image: string): string {
  return `slipway/initramfs/${image}`;
}

const importOptions = ['--no-bindings', '--parent=none', '--timestamp=@0', '--fsync=0', '--no-xattrs'];

/** The time is fixed, so that a new date alone does not make a new image; device nodes cannot be made without real root. */
const dracutEnvironment = { SOURCE_DATE_EPOCH: '1', DRACUT_NO_MKNOD: '1', DRACUT_NO_XATTR: '1' };

/**
 * The command that makes the image of a tree, which it cannot change.
 * @param root the tree, absolute
 * @param result folder that gets `initramfs.img`
 */
export function dracutSandbox(root: string, result: string, words: DracutWords): string[] {
  const mounts = { [result]: '/run/slipway' };
  const sandbox = { root, writable: false, environment: dracutEnvironment, readWrite: mounts };
  return sandboxArgv(sandbox, dracutArgv(words));
}

type DracutWords = Pick<InitramfsRequest, 'kernelVersion' | 'arguments'>;

function dracutArgv(request: DracutWords): string[] {
  return [
    ...['dracut', '--quiet', '--force', '--no-hostonly', '--no-hostonly-cmdline', '--reproducible'],
    ...['--add', 'ostree', '--tmpdir', '/tmp', '--kver', request.kernelVersion],
    ...request.arguments,
    '/run/slipway/initramfs.img',
  ];
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
