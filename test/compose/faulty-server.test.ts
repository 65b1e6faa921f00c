// A whole compose from a server that cuts, stalls, corrupts, redirects and fails: what it makes is what a good server gives, and a compose that had to
// give up harms neither repository nor cache.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { cacheRepo, type MiniDistribution, type MiniPackage, miniDistribution } from './mini-distribution.ts';
import { serveRepo } from './resolve/support/repo-server.ts';

const packages: readonly MiniPackage[] = ['one', 'two', 'three', 'four'].map((name) => ({
  name,
  files: [{ type: 'file', path: `/usr/share/${name}`, content: name.repeat(20_000) }],
  scriptlets: { post: { script: `echo ${name} >> /etc/installed` } },
}));

async function assertSound(mini: MiniDistribution): Promise<void> {
  await run(['ostree', 'fsck', `--repo=${cacheRepo(mini.folder)}`, '--quiet']);
}

/** Lets the repository of the treefile be served, and says how it is to be asked. */
async function serve(mini: MiniDistribution, url: string): Promise<void> {
  const file = join(mini.folder, 'mini.repo');
  const text = (await readFile(file, 'utf8')).replace(/^baseurl=.*$/m, `baseurl=${url}`);
  await writeFile(file, `${text}retries=4\ntimeout=1\n`);
}

test('a compose from a server that cuts, stalls, corrupts, redirects and fails gives the commit of a good one', async (t) => {
  const mini = await miniDistribution(t, packages);
  const expected = await mini.compose({ repo: join(mini.folder, 'good'), cacheDir: join(mini.folder, 'good-cache') });
  const server = await serveRepo(t, join(mini.folder, 'rpms'));
  await serve(mini, server.url);
  server.misbehave(/repomd/, 'redirect');
  server.misbehave(/primary/, 'corrupt');
  server.misbehave(/^\/one/, 'cut');
  server.misbehave(/^\/two/, 'stall');
  server.misbehave(/^\/three/, 'error-503', 2);
  server.misbehave(/^\/four/, 'corrupt');
  const composed = await mini.compose();
  t.is(composed.checksum, expected.checksum);
  await assertSound(mini);
});

for (const how of ['corrupt', 'error-404', 'redirect-loop', 'cut'] as const) {
  test(`a compose that gives up on a server's ${how} makes no commit, and the next one goes on`, async (t) => {
    const mini = await miniDistribution(t, packages);
    const expected = await mini.compose({ repo: join(mini.folder, 'good'), cacheDir: join(mini.folder, 'good-cache') });
    const server = await serveRepo(t, join(mini.folder, 'rpms'));
    await serve(mini, server.url);
    server.misbehave(/^\/three/, how, 1000);
    const error = await t.throwsAsync(mini.compose());
    t.regex(error!.message, /three-1-1\.noarch/);
    const healthy = await serveRepo(t, join(mini.folder, 'rpms'));
    await serve(mini, healthy.url);
    const composed = await mini.compose();
    t.is(composed.checksum, expected.checksum);
    await assertSound(mini);
  });
}
