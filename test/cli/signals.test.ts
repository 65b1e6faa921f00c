import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { cacheRepo, miniDistribution } from '../compose/mini-distribution.ts';
import { processesNaming } from '../support/processes.ts';
import { slipway } from '../support/slipway.ts';
import { tree } from '../support/temporary.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} cancels a compose that waits for a repository: status 130, one word, no commit`, async (t) => {
    // Accepts and never answers.
    const server = createServer().listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const folder = await tree(t, {
      'host.yaml': 'ref: a/b\nrepos: [silent]\npackages: [bash]\n',
      'silent.repo': `[silent]\nname=silent\nbaseurl=http://127.0.0.1:${port}/\ngpgcheck=0\n`,
    });
    const repo = join(folder, 'repo');
    const result = await slipway(['compose', 'tree', join(folder, 'host.yaml'), '--repo', repo], {
      env: { SLIPWAY_CACHE: join(folder, 'cache') },
      while: (kill) =>
        server.once('connection', (socket) => {
          socket.on('error', () => {});
          kill(signal);
        }),
    });
    t.is(result.exitCode, 130);
    t.regex(result.stderr, /\ncancelled\n$/);
    t.is(result.stdout, '');
    t.false(existsSync(repo));
  });
}

test('SIGINT cancels a compose in the middle of a scriptlet: no process, no work folder and no commit is left', async (t) => {
  const mini = await miniDistribution(t, [{ name: 'slow', scriptlets: { post: { script: 'exec sleep 7654321' } } }]);
  const sleeps = async (): Promise<boolean> => (await processesNaming('sleep 7654321')).includes('sleep 7654321');
  const [repo, cache] = [join(mini.folder, 'repo'), join(mini.folder, 'cache')];
  const places = ['--repo', repo, '--cachedir', cache];
  const result = await slipway(['compose', 'tree', join(mini.folder, 'host.json'), ...places], {
    while: async (kill) => {
      while (!(await sleeps())) await setTimeout(50);
      kill('SIGINT');
    },
  });
  t.is(result.exitCode, 130);
  t.regex(result.stderr, /\ncancelled\n$/);
  t.false(await sleeps());
  t.deepEqual(await readdir(join(cache, 'work', `uid-${process.getuid?.()}`)), []);
  t.false(existsSync(join(repo, 'refs/heads/mini')));
  await run(['ostree', 'fsck', `--repo=${cacheRepo(mini.folder)}`, '--quiet']);
});

test('a solver that gets no job ends with the program, and writes none of its compiled modules any more', async (t) => {
  const folder = await tree(t, {});
  const [cache, compiled] = [join(folder, 'cache'), join(folder, 'compiled')];
  const result = await slipway(['compose', 'tree', join(folder, 'none.yaml'), '--repo', join(folder, 'repo')], {
    env: { SLIPWAY_CACHE: cache, NODE_COMPILE_CACHE: compiled },
  });
  t.is(result.exitCode, 1);
  while ((await processesNaming(join(cache, 'solv'))).length > 0) await setTimeout(10);
  const names = await readdir(compiled, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const modules = await Promise.all(files.map((file) => readFile(file, 'latin1')));
  t.true(modules.some((text) => text.includes('startSolverEarly')));
  t.false(modules.some((text) => text.includes('loadRecent'))); // a function of the solver's own module
});

test('a reader that has enough ends the program without a complaint', async (t) => {
  const program = join(import.meta.dirname, '../../cli/main.ts');
  const child = spawn(process.execPath, [program, 'treefile', 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  t.is(complaint, '');
  t.is(exitCode, 0);
});
