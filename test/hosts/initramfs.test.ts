// `npm run test:hosts`: the real dracut of the sample host opens and looks for nothing that the remembered result does not depend on, and makes
// the same image again.

import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { repoFile } from '../../cli/demo/host-treefile.ts';
import { composeTree } from '../../compose/compose.ts';
import { packageCacheRepo } from '../../compose/packages/cache.ts';
import { lowerTree } from '../../compose/rootfs/results/lower-tree.ts';
import { placesOf } from '../../compose/rootfs/results/observe.ts';
import type { ResultDocument } from '../../compose/rootfs/results/store.ts';
import { treeView } from '../../compose/rootfs/results/tree-view.ts';
import { verifyCommit } from '../../compose/verify/verify.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { Events } from '../../lib/events.ts';
import { writeFileAtomically } from '../../lib/files.ts';
import { runInNamespace, type WorkerTools } from '../../lib/namespace.ts';
import { makeSampleDistribution } from '../distro/distribution.ts';
import { stracedPaths } from '../support/strace.ts';
import type { TracedDracutInput } from '../support/traced-dracut.ts';

/** Where the commit differs from what dracut saw: the layout of a host comes after it. */
const laidOutLater = /^(?:usr\/local|var\/.*)$/;

const tools: WorkerTools = { events: new Events(), signal: new AbortController().signal };
const work = join(cacheDirectory(), 'initramfs-tests');
let folder: string;
let treefileFile: string;
let repo: string;
let cacheDir: string;
let checksum: string;

test.before('compose the sample host', async (t) => {
  t.timeout(1_200_000);
  await mkdir(work, { recursive: true });
  folder = await mkdtemp(join(work, 'compose-'));
  [repo, cacheDir] = [join(folder, 'repo'), join(folder, 'cache')];
  treefileFile = join(folder, 'host.yaml');
  const { folder: rpms } = await makeSampleDistribution({ output: join(work, 'rpms') }, tools);
  const base = fileURLToPath(new URL('../../treefiles/base.yaml', import.meta.url));
  await writeFileAtomically(join(folder, 'sample.repo'), repoFile(rpms));
  await writeFileAtomically(treefileFile, `include: ${JSON.stringify(base)}\nrepos: [sample]\n`);
  ({ checksum } = await composeTree({ treefileFile, repo, cacheDir }, tools));
});

test.after.always('remove the repository', () => rm(folder, { recursive: true, force: true }));

test.serial('the image depends on everything that dracut opens, looks for or lists', async (t) => {
  t.timeout(1_200_000);
  const traced = join(folder, 'traced');
  await mkdir(traced);
  const worker = new URL('../support/traced-dracut.ts', import.meta.url);
  await runInNamespace<TracedDracutInput, void>(worker, { repo, commit: checksum, folder: traced }, tools);
  const { paths, listed } = stracedPaths(await readFile(join(traced, 'trace'), 'utf8'), 'dracut');
  t.log(`${paths.size} paths, ${listed.size} lists`);
  t.true(listed.has('/usr/lib/dracut/modules.d'), 'the trace shows dracut at work');
  const { seen } = await rememberedImage();
  const view = treeView(lowerTree(join(traced, 'root'), new Map()), new Map());
  const missing = (named: Iterable<string>, known: typeof seen.entries): string[] => {
    const places = [...named].flatMap((path) => placesOf(path, view));
    const counted = new Set(known.map(([path]) => path));
    return [...new Set(places)].filter((place) => !counted.has(place) && !laidOutLater.test(place));
  };
  t.deepEqual(missing(paths, seen.entries), []);
  t.deepEqual(missing(listed, seen.listings), []);
});

test.serial('a second run of dracut, with empty caches, gives the same image bit for bit', async (t) => {
  t.timeout(1_200_000);
  t.like(await verifyCommit({ repo, commit: checksum, treefileFile, workParent: folder }, tools), {
    reproduced: true,
    rebuilt: checksum,
  });
});

async function rememberedImage(): Promise<ResultDocument> {
  const results = join(packageCacheRepo(cacheDir, process.getuid!()), '..', 'results');
  for (const name of await readdir(results, { recursive: true })) {
    if (!name.endsWith('.json')) continue;
    const result = JSON.parse(await readFile(join(results, name), 'utf8')) as ResultDocument;
    if (result.kind === 'initramfs-result') return result;
  }
  throw new Error('dracut is not remembered');
}
