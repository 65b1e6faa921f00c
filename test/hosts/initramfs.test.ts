// `npm run test:hosts`: the real dracut of the sample host opens and looks for nothing that the key of the initramfs cache leaves out, and makes
// the same image again.

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { repoFile } from '../../cli/demo/host-treefile.ts';
import { composeTree } from '../../compose/compose.ts';
import { initramfsInputs } from '../../compose/rootfs/initramfs-inputs.ts';
import { verifyCommit } from '../../compose/verify/verify.ts';
import { cacheDirectory } from '../../lib/cache.ts';
import { Events } from '../../lib/events.ts';
import { writeFileAtomically } from '../../lib/files.ts';
import { runInNamespace, type WorkerTools } from '../../lib/namespace.ts';
import { makeSampleDistribution } from '../distro/distribution.ts';
import type { TracedDracutInput } from '../support/traced-dracut.ts';

const tools: WorkerTools = { events: new Events(), signal: new AbortController().signal };
const work = join(cacheDirectory(), 'initramfs-tests');
let folder: string;
let treefileFile: string;
let repo: string;
let checksum: string;

test.before('compose the sample host', async (t) => {
  t.timeout(1_200_000);
  await mkdir(work, { recursive: true });
  folder = await mkdtemp(join(work, 'compose-'));
  repo = join(folder, 'repo');
  treefileFile = join(folder, 'host.yaml');
  const { folder: rpms } = await makeSampleDistribution({ output: join(work, 'rpms') }, tools);
  const base = fileURLToPath(new URL('../../treefiles/base.yaml', import.meta.url));
  await writeFileAtomically(join(folder, 'sample.repo'), repoFile(rpms));
  await writeFileAtomically(treefileFile, `include: ${JSON.stringify(base)}\nrepos: [sample]\n`);
  ({ checksum } = await composeTree({ treefileFile, repo, cacheDir: cacheDirectory() }, tools));
});

test.after.always('remove the repository', () => rm(folder, { recursive: true, force: true }));

test.serial('everything that dracut opens or looks for counts in the key of its image', async (t) => {
  t.timeout(1_200_000);
  const traced = join(folder, 'traced');
  await mkdir(traced);
  const worker = new URL('../support/traced-dracut.ts', import.meta.url);
  await runInNamespace<TracedDracutInput, void>(worker, { repo, commit: checksum, folder: traced }, tools);
  const paths = pathsIn(await readFile(join(traced, 'trace'), 'utf8'));
  const counts = initramfsInputs(join(traced, 'root'), []);
  t.log(`${paths.size} paths`);
  t.true(paths.has('usr/lib/dracut/modules.d'), 'the trace shows dracut at work');
  t.true(paths.has('usr/share/locale/locale.alias'), 'and what the C library looks for');
  t.deepEqual(
    [...paths].filter((path) => !counts(path)),
    [],
  );
});

test.serial('a second run of dracut, with empty caches, gives the same image bit for bit', async (t) => {
  t.timeout(1_200_000);
  t.like(await verifyCommit({ repo, commit: checksum, treefileFile, workParent: folder }, tools), {
    reproduced: true,
    rebuilt: checksum,
  });
});

/**
 * Paths relative to the root that occur in what strace wrote, from the start of dracut on. What a program does in the image after chroot(2) is
 * left out.
 */
function pathsIn(trace: string): Set<string> {
  const lines = trace.split('\n');
  const started = lines.findIndex((line) => /^\d+ +execve\("[^"]*\/dracut"/.test(line));
  const elsewhere = new Set<string>();
  const paths = new Set<string>();
  for (const line of lines.slice(started)) {
    const { pid = '', call = '', folder: base, path } = tracedCall.exec(line)?.groups ?? {};
    if (call === 'chroot') elsewhere.add(pid);
    if (path === undefined || path === '' || elsewhere.has(pid)) continue;
    // Where a call has no folder of its own, dracut's programs are in their temporary folder or at the root.
    paths.add(posix.resolve('/', base ?? '', path).slice(1));
  }
  return paths;
}

/** `PID call(AT_FDCWD</folder>, "path", …` or `PID call("path", …`. */
const tracedCall = /^(?<pid>\d+) +(?<call>\w+)\((?:[^"<]*<(?<folder>[^>]*)>, )?"(?<path>(?:[^"\\]|\\.)*)"/;
