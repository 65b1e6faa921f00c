import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { cacheRepo, type MiniPackage, miniDistribution } from './mini-distribution.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
/** SLIPWAY_TEST_KILLS raises the number of random moments, e.g. to 50. */
const kills = Number(process.env.SLIPWAY_TEST_KILLS ?? 10);

const packages: MiniPackage[] = Array.from({ length: 12 }, (_, number) => ({
  name: `part${number}`,
  files: [{ type: 'file', path: `/usr/share/part${number}`, content: `${number}`.repeat(200_000) }],
  scriptlets: { post: { script: `echo ${number} >> /usr/share/parts` } },
}));

test('SIGKILL at random moments harms neither repository nor cache, and the next compose gives the same commit', async (t) => {
  const [calm, hit] = [await miniDistribution(t, packages), await miniDistribution(t, packages)];
  const startedAt = performance.now();
  const expected = await calm.compose();
  const usualMs = performance.now() - startedAt;

  const argv = [program, 'compose', 'tree', join(hit.folder, 'host.json'), '--quiet'];
  const options = ['--repo', join(hit.folder, 'repo'), '--cachedir', join(hit.folder, 'cache')];
  for (let number = 0; number < kills; number++) {
    const child = spawn(process.execPath, [...argv, ...options], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    await Promise.race([ended, sleep((usualMs * (number + Math.random())) / kills)]);
    child.kill('SIGKILL');
    await ended;
    for (const repo of [join(hit.folder, 'repo'), cacheRepo(hit.folder)]) {
      if (existsSync(join(repo, 'config'))) await run(['ostree', `--repo=${repo}`, 'fsck', '--quiet']);
    }
  }
  const after = await hit.compose({ force: true, parent: null });
  t.is(after.checksum, expected.checksum);
  t.deepEqual(await readdir(join(hit.folder, 'cache/work', `uid-${process.getuid?.()}`)), []);
});

test('two composes at once with one cache give the same commit', async (t) => {
  const mini = await miniDistribution(t, packages);
  const [one, two] = await Promise.all(['one', 'two'].map((repo) => mini.compose({ repo: join(mini.folder, repo) })));
  t.is(one?.checksum, two?.checksum);
  await run(['ostree', `--repo=${cacheRepo(mini.folder)}`, 'fsck', '--quiet']);
});
