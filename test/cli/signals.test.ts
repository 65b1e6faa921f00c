import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
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
  });
}

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
